// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDaoChainLedger} from "../IDaoChainLedger.sol";
import {LedgerActions} from "./LedgerActions.sol";
import {LedgerTest} from "./LedgerTest.sol";
import {vm} from "./Vm.sol";

/// @dev Each action of `LedgerActions` also asserts that only the publisher moved its keys, each signer within its scope,
/// that no link came back, and that no voidFrom rose.
contract InvariantsTest is LedgerTest {
    LedgerActions private _actions;

    function setUp() public override {
        super.setUp();
        _actions = new LedgerActions(ledger);
    }

    /// @dev Forge asks which contracts to call at random.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_actions);
    }

    /// Links, slots, scopes and admins; and an organization always has an admin.
    function invariant_stateIsTheFoldOfTheEvents() external view {
        _actions.assertStateIsTheFold();
    }

    /// The invariants would prove nothing if every call were turned away.
    function test_everyActionIsAcceptedAtTimes() public {
        for (uint256 i = 0; i < 1_000; ++i) {
            uint256[6] memory dice;
            for (uint256 j = 0; j < dice.length; ++j) {
                dice[j] = uint256(keccak256(abi.encode(i, j)));
            }
            if (i % 9 == 0) _actions.attest(dice[0], dice[1], dice[2], dice[3], dice[4]);
            if (i % 9 == 1) _actions.attestBatch(dice[0], dice[1], dice[2], dice[3], dice[4]);
            if (i % 9 == 2) _actions.attestBySignature(dice[0], dice[1], dice[2], dice[3], dice[4], dice[5]);
            if (i % 9 == 3) _actions.setSigner(dice[0], dice[1], dice[2], dice[3], dice[4], dice[5]);
            if (i % 9 == 4) _actions.revokeSigner(dice[0], dice[1], dice[2], dice[3]);
            if (i % 9 == 5) _actions.transferAdmin(dice[0], dice[1], dice[2]);
            if (i % 9 == 6) _actions.acceptAdmin(dice[0], dice[1]);
            if (i % 9 == 7) _actions.endWallet(dice[0]);
            if (i % 9 == 8) _actions.wait_(dice[0]);
        }
        _assertAccepted(IDaoChainLedger.attest.selector);
        _assertAccepted(IDaoChainLedger.attestBatch.selector);
        _assertAccepted(IDaoChainLedger.attestBySignature.selector);
        _assertAccepted(IDaoChainLedger.setSigner.selector);
        _assertAccepted(IDaoChainLedger.revokeSigner.selector);
        _assertAccepted(IDaoChainLedger.transferAdmin.selector);
        _assertAccepted(IDaoChainLedger.acceptAdmin.selector);
        _assertAccepted(IDaoChainLedger.endWallet.selector);
    }

    function _assertAccepted(bytes4 call) private view {
        vm.assertTrue(_actions.accepted(call) > 0, "never accepted");
    }
}
