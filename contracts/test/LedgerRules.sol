// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DaoChainLedger} from "../DaoChainLedger.sol";
import {Entry, PUBLISH, SignerSlot} from "../IDaoChainLedger.sol";
import {vm} from "./Vm.sol";

/// @dev The rules of the ledger, written a second time from the documentation, and short ways to call it.
abstract contract LedgerRules {
    DaoChainLedger internal ledger;

    // --- building ----------------------------------------------------------------------------------------------

    function _wallet(address wallet) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(wallet)));
    }

    /// @dev A statement about one tag that follows what the ledger holds.
    function _entry(bytes32 publisher) internal view returns (Entry memory) {
        return _entry(publisher, PUBLISH, "statement");
    }

    function _entry(bytes32 publisher, uint8 kind, bytes memory body) internal view returns (Entry memory entry) {
        entry = Entry(publisher, 0, kind, 0, "registry.example.com/team/app", "1.0", body);
        entry.previous = bytes20(_link(_key(entry)));
    }

    function _attest(address caller, Entry memory entry) internal {
        vm.prank(caller);
        ledger.attest(entry);
    }

    function _createOrganization(address admin) internal returns (bytes32) {
        vm.prank(admin);
        return ledger.createOrganization("Example Company");
    }

    function _createOrganization(address admin, address signer) internal returns (bytes32) {
        return _createOrganization(admin, signer, "");
    }

    function _createOrganization(
        address admin,
        address signer,
        string memory scope
    ) internal returns (bytes32 organization) {
        organization = _createOrganization(admin);
        vm.prank(admin);
        ledger.setSigner(organization, signer, 0, 0, scope);
    }

    function _sign(
        uint256 privateKey,
        Entry memory entry,
        address signer,
        uint64 deadline
    ) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, _digest(entry, signer, deadline));
        return abi.encodePacked(r, s, v);
    }

    // --- reading -----------------------------------------------------------------------------------------------

    function _link(bytes32 key) internal view returns (bytes32) {
        bytes32[] memory keys = new bytes32[](1);
        keys[0] = key;
        return ledger.links(keys)[0];
    }

    function _slot(bytes32 publisher, address signer) internal view returns (SignerSlot memory) {
        bytes32[] memory publishers = new bytes32[](1);
        address[] memory accounts = new address[](1);
        (publishers[0], accounts[0]) = (publisher, signer);
        return ledger.signers(publishers, accounts)[0];
    }

    function _scope(bytes32 publisher, address signer) internal view returns (bytes32) {
        bytes32[] memory publishers = new bytes32[](1);
        address[] memory accounts = new address[](1);
        (publishers[0], accounts[0]) = (publisher, signer);
        return ledger.scopes(publishers, accounts)[0];
    }

    function _assertSlot(
        bytes32 publisher,
        address signer,
        uint256 notBefore,
        uint256 notAfter,
        uint256 voidFrom
    ) internal view {
        SignerSlot memory slot = _slot(publisher, signer);
        vm.assertEq(uint256(slot.notBefore), notBefore, "notBefore");
        vm.assertEq(uint256(slot.notAfter), notAfter, "notAfter");
        vm.assertEq(uint256(slot.voidFrom), voidFrom, "voidFrom");
    }

    // --- the rules, again --------------------------------------------------------------------------------------

    function _key(Entry memory entry) internal pure returns (bytes32) {
        return keccak256(abi.encode(entry.publisher, keccak256(abi.encode(entry.repository, entry.tag))));
    }

    function _content(Entry memory entry, address signer) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(entry.previous, _key(entry), entry.kind, signer, entry.validUntil, keccak256(entry.body))
            );
    }

    function _follow(bytes32 link, bytes32 content) internal view returns (bytes32) {
        bytes32 seal = keccak256(abi.encode(link, content, vm.getBlockNumber(), vm.getBlockTimestamp()));
        return bytes32(abi.encodePacked(bytes20(content), bytes12(seal)));
    }

    function _digest(Entry memory entry, address signer, uint64 deadline) internal view returns (bytes32) {
        (, string memory name, string memory version, uint256 chainId, address verifier, , ) = ledger.eip712Domain();
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256(bytes(version)),
                chainId,
                verifier
            )
        );
        bytes32 message = keccak256(
            abi.encode(
                keccak256(
                    "Attestation(bytes32 publisher,bytes20 previous,uint8 kind,uint64 validUntil,string repository,string tag,bytes body,address signer,uint64 deadline)"
                ),
                entry.publisher,
                entry.previous,
                entry.kind,
                entry.validUntil,
                keccak256(bytes(entry.repository)),
                keccak256(bytes(entry.tag)),
                keccak256(entry.body),
                signer,
                deadline
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, message));
    }
}
