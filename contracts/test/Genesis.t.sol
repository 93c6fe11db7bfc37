// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DaoChainLedger} from "../DaoChainLedger.sol";
import {Entry} from "../IDaoChainLedger.sol";
import {LedgerTest} from "./LedgerTest.sol";
import {vm} from "./Vm.sol";

/// @dev The ledger as part of a genesis block, and the storage layout that proofs rely on.
contract GenesisTest is LedgerTest {
    function test_deployedCodeIsTheGenesisCode() public {
        vm.record();
        DaoChainLedger deployed = _deploy();
        (bytes32[] memory reads, bytes32[] memory writes) = vm.accesses(address(deployed));
        vm.assertEq(reads.length + writes.length, 0, "a deployment touches no storage");
        vm.assertEq(address(deployed).code, _released(".runtimeCode"), "code");
        vm.assertEq(address(new DaoChainLedger()).code, _released(".runtimeCode"), "code that forge compiled");
    }

    function test_genesisLedgerDoesWhatADeployedOneDoes() public {
        DaoChainLedger deployed = ledger;
        DaoChainLedger genesis = DaoChainLedger(address(0xDA0));
        vm.etch(address(genesis), _released(".runtimeCode"));

        Entry memory entry = _entry(_wallet(alice));
        vm.prank(alice);
        deployed.attest(entry);
        bytes32 link = _link(_key(entry));

        ledger = genesis;
        vm.prank(alice);
        genesis.attest(entry);
        vm.assertEq(_link(_key(entry)), link, "the same link");

        // Signatures and organization ids are of one ledger.
        entry = _entry(_wallet(bob));
        genesis.attestBySignature(entry, bob, 1_700_000_000, _sign(BOB_KEY, entry, bob, 1_700_000_000));
        bytes32 organization = _createOrganization(carol, alice);
        vm.assertEq(organization, keccak256(abi.encode(block.chainid, address(0xDA0), carol, uint256(0))), "id");
    }

    function test_storageLayout() public {
        bytes32 organization = _createOrganization(carol);
        vm.prank(carol);
        ledger.setSigner(organization, alice, 0x1111111111111111, 0x2222222222222222, "ghcr.io/acme/web");
        vm.prank(carol);
        ledger.revokeSigner(organization, alice, 0x3e7);
        vm.prank(carol);
        ledger.transferAdmin(organization, bob);
        Entry memory entry = _entry(_wallet(alice));
        _attest(alice, entry);

        vm.assertEq(_load(keccak256(abi.encode(_key(entry), 0))), _link(_key(entry)), "slot 0: links");
        vm.assertEq(
            _load(keccak256(abi.encode(alice, keccak256(abi.encode(organization, 1))))),
            bytes32(
                (uint256(16) << 192) |
                    (uint256(0x3e7) << 128) |
                    (uint256(0x2222222222222222) << 64) |
                    0x1111111111111111
            ),
            "slot 1: signers"
        );
        vm.assertEq(
            _load(keccak256(abi.encode(alice, keccak256(abi.encode(organization, 4))))),
            keccak256("ghcr.io/acme/web"),
            "slot 4: scopes"
        );
        uint256 slot = uint256(keccak256(abi.encode(organization, 2)));
        vm.assertEq(_load(bytes32(slot)), bytes32(abi.encodePacked("Example Company", bytes16(0), uint8(30))), "name");
        vm.assertEq(_load(bytes32(slot + 1)), _wallet(carol), "slot 2: admin");
        vm.assertEq(_load(bytes32(slot + 2)), _wallet(bob), "slot 2: pending admin");
        vm.assertEq(_load(keccak256(abi.encode(carol, 3))), bytes32(uint256(1)), "slot 3: organization counts");
    }

    function _load(bytes32 slot) private view returns (bytes32) {
        return vm.load(address(ledger), slot);
    }
}
