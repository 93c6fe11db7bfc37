// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DaoChainLedger} from "../DaoChainLedger.sol";
import {LedgerRules} from "./LedgerRules.sol";
import {vm} from "./Vm.sol";

/// @dev A ledger and three people. The code is the released one, so that tests are about the bytes that networks run.
abstract contract LedgerTest is LedgerRules {
    uint256 internal constant ALICE_KEY = 0xA11CE;
    uint256 internal constant BOB_KEY = 0xB0B;
    address internal alice = vm.addr(ALICE_KEY);
    address internal bob = vm.addr(BOB_KEY);
    address internal carol = vm.addr(0xCA201);

    function setUp() public virtual {
        // Not the first block, so that "before" exists.
        vm.roll(1_000);
        vm.warp(1_700_000_000);
        ledger = _deploy();
    }

    /// @dev Measuring coverage needs code that forge compiled itself.
    function _deploy() internal returns (DaoChainLedger deployed) {
        if (vm.envOr("LEDGER_FROM_SOURCE", false)) return new DaoChainLedger();
        bytes memory code = _released(".creationCode");
        assembly {
            deployed := create(0, add(code, 32), mload(code))
        }
        vm.assertTrue(address(deployed) != address(0), "the released code deploys");
    }

    function _released(string memory member) internal view returns (bytes memory) {
        return vm.parseJsonBytes(vm.readFile("contracts/releases/1.0.0.json"), member);
    }
}
