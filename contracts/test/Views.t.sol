// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Entry, IDaoChainLedger, SignerSlot} from "../IDaoChainLedger.sol";
import {LedgerTest} from "./LedgerTest.sol";
import {vm} from "./Vm.sol";

contract ViewsTest is LedgerTest {
    function test_listsKeepTheirOrder() public {
        bytes32 organization = _createOrganization(carol, alice, "reg");
        Entry memory entry = _entry(organization);
        entry.repository = "reg";
        _attest(alice, entry);
        vm.prank(carol);
        ledger.revokeSigner(organization, bob, 7);

        bytes32[] memory keys = new bytes32[](3);
        keys[1] = _key(entry);
        bytes32[] memory links = ledger.links(keys);
        vm.assertEq(links.length, 3, "links");
        vm.assertTrue(links[0] == 0 && links[2] == 0, "absent links are zero");
        vm.assertEq(links[1], _follow(0, _content(entry, alice)), "link");

        bytes32[] memory publishers = new bytes32[](3);
        address[] memory accounts = new address[](3);
        (publishers[0], accounts[0]) = (organization, alice);
        (publishers[1], accounts[1]) = (organization, bob);
        (publishers[2], accounts[2]) = (_wallet(alice), alice);
        SignerSlot[] memory slots = ledger.signers(publishers, accounts);
        vm.assertEq(slots.length, 3, "slots");
        vm.assertEq(
            abi.encode(slots),
            abi.encode(_slots(SignerSlot(1_700_000_000, 0, 0, 3), SignerSlot(0, 0, 7, 0), SignerSlot(0, 0, 0, 0))),
            "slots"
        );
        bytes32[] memory scopes = ledger.scopes(publishers, accounts);
        vm.assertEq(scopes.length, 3, "scopes");
        vm.assertEq(scopes[0], keccak256("reg"), "scope");
        vm.assertTrue(scopes[1] == 0 && scopes[2] == 0, "absent scopes are zero");
    }

    function test_emptyLists() public view {
        vm.assertEq(ledger.links(new bytes32[](0)).length, 0, "links");
        vm.assertEq(ledger.signers(new bytes32[](0), new address[](0)).length, 0, "signers");
        vm.assertEq(ledger.scopes(new bytes32[](0), new address[](0)).length, 0, "scopes");
    }

    function test_listsOfSignersHaveOneLength() public {
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.LengthMismatch.selector, 1, 2));
        ledger.signers(new bytes32[](1), new address[](2));
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.LengthMismatch.selector, 2, 1));
        ledger.scopes(new bytes32[](2), new address[](1));
    }

    function test_domain() public {
        vm.chainId(1_234_567);
        (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifier,
            bytes32 salt,
            uint256[] memory extensions
        ) = ledger.eip712Domain();
        vm.assertEq(bytes32(fields), bytes32(bytes1(0x0f)), "fields");
        vm.assertEq(name, "DaoChain Ledger", "name");
        vm.assertEq(version, "1", "version");
        vm.assertEq(chainId, 1_234_567, "chain id");
        vm.assertEq(verifier, address(ledger), "contract");
        vm.assertTrue(salt == 0 && extensions.length == 0, "nothing else");
    }

    function _slots(
        SignerSlot memory first,
        SignerSlot memory second,
        SignerSlot memory third
    ) private pure returns (SignerSlot[] memory slots) {
        slots = new SignerSlot[](3);
        (slots[0], slots[1], slots[2]) = (first, second, third);
    }
}
