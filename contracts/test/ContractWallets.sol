// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {Entry, IDaoChainLedger} from "../IDaoChainLedger.sol";

/// @dev Accepts what its owner signed, and, like many real ones, does not look at which wallet the hash was for.
contract OwnedWallet is IERC1271 {
    address private _owner;

    constructor(address owner) {
        _owner = owner;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        return ECDSA.recover(hash, signature) == _owner ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @dev Answers with the bytes that it was made with.
contract EchoWallet {
    bytes private _answer;

    constructor(bytes memory answer) {
        _answer = answer;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        return _answer;
    }
}

contract RevertingWallet {
    fallback() external {
        revert("no");
    }
}

/// @dev Tries to get the same and another entry in while it is asked about one, then says yes.
contract ReentrantWallet {
    IDaoChainLedger private _ledger;
    Entry private _entry;
    /// Stays 0 if all that `isValidSignature` tried was turned away.
    uint256 public intrusions;

    constructor(IDaoChainLedger ledger) {
        _ledger = ledger;
    }

    function prepare(Entry calldata entry) external {
        _entry = entry;
    }

    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        _try(abi.encodeCall(IDaoChainLedger.attest, (_entry)));
        _try(abi.encodeCall(IDaoChainLedger.attestBySignature, (_entry, address(this), type(uint64).max, "")));
        _try(abi.encodeCall(IDaoChainLedger.endWallet, ()));
        _try(abi.encodeCall(IDaoChainLedger.createOrganization, ("Intruder")));
        return IERC1271.isValidSignature.selector;
    }

    function _try(bytes memory call) private {
        // A state change in a static call burns all of its gas, so it gets a part only.
        (bool entered, ) = address(_ledger).call{gas: 500_000}(call);
        if (entered) ++intrusions;
    }
}
