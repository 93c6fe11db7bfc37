// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Entry, IDaoChainLedger, PUBLISH, REVOKE, VOUCH} from "../IDaoChainLedger.sol";
import {LedgerTest} from "./LedgerTest.sol";
import {vm} from "./Vm.sol";

contract EndWalletTest is LedgerTest {
    function test_endedWalletShowsInItsSlot() public {
        _assertSlot(_wallet(alice), alice, 0, 0, 0);

        vm.expectEmit(address(ledger));
        emit IDaoChainLedger.WalletEnded(_wallet(alice), alice, 1_700_000_000);
        vm.prank(alice);
        ledger.endWallet();

        _assertSlot(_wallet(alice), alice, 0, 1_700_000_000, 0);
    }

    function test_endedWalletOnlyRevokes() public {
        _attest(alice, _entry(_wallet(alice)));
        vm.prank(alice);
        ledger.endWallet();

        // At once, in the same block, and ever after.
        for (uint256 i = 0; i < 2; ++i) {
            _assertRefused(_entry(_wallet(alice), PUBLISH, "more"));
            _assertRefused(_entry(_wallet(alice), VOUCH, "more"));
            Entry memory entry = _entry(_wallet(alice), REVOKE, "reason");
            _attest(alice, entry);
            vm.assertEq(bytes20(_link(_key(entry))), bytes20(_content(entry, alice)), "revoked");
            vm.roll(vm.getBlockNumber() + 1_000);
            vm.warp(vm.getBlockTimestamp() + 1_000);
        }
    }

    function test_endedWalletRevokesBySignature() public {
        vm.prank(alice);
        ledger.endWallet();
        uint64 deadline = 1_700_000_000;

        Entry memory entry = _entry(_wallet(alice));
        bytes memory signature = _sign(ALICE_KEY, entry, alice, deadline);
        vm.expectRevert(_notAllowed());
        ledger.attestBySignature(entry, alice, deadline, signature);

        entry = _entry(_wallet(alice), REVOKE, "reason");
        ledger.attestBySignature(entry, alice, deadline, _sign(ALICE_KEY, entry, alice, deadline));
        vm.assertEq(bytes20(_link(_key(entry))), bytes20(_content(entry, alice)), "revoked");
    }

    function test_walletEndsOnce() public {
        vm.prank(alice);
        ledger.endWallet();
        vm.warp(1_800_000_000);
        vm.expectRevert(_notAllowed());
        vm.prank(alice);
        ledger.endWallet();
        _assertSlot(_wallet(alice), alice, 0, 1_700_000_000, 0);
    }

    function test_endedWalletStillSignsForItsOrganization() public {
        bytes32 organization = _createOrganization(carol, alice);
        vm.prank(alice);
        ledger.endWallet();
        Entry memory entry = _entry(organization);
        _attest(alice, entry);
        vm.assertEq(bytes20(_link(_key(entry))), bytes20(_content(entry, alice)), "stated");
    }

    /// No organization has a wallet's id, so nobody is admin of a wallet.
    function testFuzz_nobodySetsOrRevokesAWallet(address caller, address wallet) public {
        vm.assume(caller != address(vm));
        bytes memory reason = abi.encodeWithSelector(IDaoChainLedger.NotAdmin.selector, _wallet(wallet), caller);
        vm.expectRevert(reason);
        vm.prank(caller);
        ledger.setSigner(_wallet(wallet), caller, 0, 0, "");
        vm.expectRevert(reason);
        vm.prank(caller);
        ledger.revokeSigner(_wallet(wallet), wallet, 1);
    }

    function _assertRefused(Entry memory entry) private {
        vm.expectRevert(_notAllowed());
        _attest(alice, entry);
    }

    function _notAllowed() private view returns (bytes memory) {
        return abi.encodeWithSelector(IDaoChainLedger.SignerNotAllowed.selector, _wallet(alice), alice);
    }
}
