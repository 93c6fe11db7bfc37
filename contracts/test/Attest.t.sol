// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Entry, IDaoChainLedger, PUBLISH, REVOKE, VOUCH} from "../IDaoChainLedger.sol";
import {LedgerTest} from "./LedgerTest.sol";
import {vm} from "./Vm.sol";

contract AttestTest is LedgerTest {
    function test_walletSpeaksWithoutRegistration() public {
        Entry memory entry = _entry(_wallet(alice));
        entry.validUntil = 1_900_000_000;
        bytes32 name = keccak256(abi.encode(entry.repository, entry.tag));

        vm.expectEmit(address(ledger));
        emit IDaoChainLedger.Attested(
            _wallet(alice),
            name,
            alice,
            0,
            PUBLISH,
            1_900_000_000,
            1_700_000_000,
            entry.repository,
            entry.tag,
            entry.body
        );
        _attest(alice, entry);

        vm.assertEq(_link(_key(entry)), _follow(0, _content(entry, alice)), "link");
    }

    function test_eventHoldsTheWholeWordBefore() public {
        _attest(alice, _entry(_wallet(alice)));
        Entry memory entry = _entry(_wallet(alice), VOUCH, "second");
        bytes32 before = _link(_key(entry));
        vm.roll(1_001);
        vm.warp(1_700_000_013);

        vm.expectEmit(address(ledger));
        emit IDaoChainLedger.Attested(
            _wallet(alice),
            keccak256(abi.encode(entry.repository, entry.tag)),
            alice,
            before,
            VOUCH,
            0,
            1_700_000_013,
            entry.repository,
            entry.tag,
            "second"
        );
        _attest(alice, entry);

        vm.assertEq(_link(_key(entry)), _follow(before, _content(entry, alice)), "link");
    }

    function test_sealBindsBlockAndTime() public {
        Entry memory entry = _entry(_wallet(alice));
        _attest(alice, entry);
        bytes32 here = _link(_key(entry));

        ledger = _deploy();
        vm.roll(1_001);
        _attest(alice, entry);
        bytes32 laterBlock = _link(_key(entry));

        ledger = _deploy();
        vm.warp(1_700_000_001);
        _attest(alice, entry);
        bytes32 laterTime = _link(_key(entry));

        vm.assertEq(bytes20(here), bytes20(laterBlock), "what the next entry names knows no block");
        vm.assertEq(bytes20(here), bytes20(laterTime), "what the next entry names knows no time");
        vm.assertTrue(here != laterBlock && laterBlock != laterTime && here != laterTime, "the seal does");
    }

    /// A client can sign a key's next entries before any of them is mined.
    function test_entriesOfOneKeyFollowEachOtherInABatch() public {
        Entry[] memory entries = new Entry[](3);
        bytes32 link = 0;
        for (uint256 i = 0; i < entries.length; ++i) {
            entries[i] = _entry(_wallet(alice), PUBLISH, abi.encode(i));
            entries[i].previous = i == 0 ? bytes20(0) : bytes20(_content(entries[i - 1], alice));
            link = _follow(link, _content(entries[i], alice));
        }

        vm.prank(alice);
        ledger.attestBatch(entries);

        vm.assertEq(_link(_key(entries[0])), link, "link");
    }

    function test_batchSpeaksForSeveralPublishers() public {
        bytes32 organization = _createOrganization(carol, alice);
        Entry[] memory entries = new Entry[](2);
        entries[0] = _entry(_wallet(alice));
        entries[1] = _entry(organization);

        vm.prank(alice);
        ledger.attestBatch(entries);

        vm.assertEq(_link(_key(entries[0])), _follow(0, _content(entries[0], alice)), "wallet");
        vm.assertEq(_link(_key(entries[1])), _follow(0, _content(entries[1], alice)), "organization");
    }

    function test_batchIsAllOrNothing() public {
        Entry[] memory entries = new Entry[](2);
        entries[0] = _entry(_wallet(alice));
        entries[1] = _entry(_wallet(bob));

        vm.expectRevert(_notAllowed(_wallet(bob), alice));
        vm.prank(alice);
        ledger.attestBatch(entries);

        vm.assertEq(_link(_key(entries[0])), bytes32(0), "nothing was written");
    }

    function test_emptyBatchDoesNothing() public {
        vm.recordLogs();
        ledger.attestBatch(new Entry[](0));
        vm.assertEq(vm.getRecordedLogs().length, 0, "logs");
    }

    function test_secondMachineIsStale() public {
        Entry memory entry = _entry(_wallet(alice));
        _attest(alice, entry);

        bytes32 key = _key(entry);
        entry.body = "what the other machine built";
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.StaleLink.selector, key, _link(key)));
        _attest(alice, entry);
    }

    function testFuzz_onlyTheContentOfTheLinkIsAccepted(bytes20 previous) public {
        Entry memory entry = _entry(_wallet(alice));
        _attest(alice, entry);
        bytes32 link = _link(_key(entry));
        vm.assume(previous != bytes20(link));

        entry.previous = previous;
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.StaleLink.selector, _key(entry), link));
        _attest(alice, entry);
    }

    /// Not a bit less than 160: a shorter one lets a writer make two histories with one link.
    function testFuzz_everyBitOfTheContentCounts(uint8 bit) public {
        Entry memory entry = _entry(_wallet(alice));
        _attest(alice, entry);
        bytes32 link = _link(_key(entry));

        entry.previous = bytes20(link ^ bytes32(uint256(1) << (96 + (bit % 160))));
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.StaleLink.selector, _key(entry), link));
        _attest(alice, entry);
        entry.previous = bytes20(link ^ bytes32(uint256(1) << (bit % 96)));
        _attest(alice, entry);
    }

    function testFuzz_linkFollowsTheRules(
        uint8 kind,
        uint64 validUntil,
        string calldata repository,
        string calldata tag,
        bytes calldata body,
        uint64 number,
        uint64 time
    ) public {
        vm.assume(bytes(repository).length > 0 && bytes(repository).length <= 255);
        vm.assume(bytes(tag).length > 0 && bytes(tag).length <= 128);
        vm.assume(body.length > 0);
        vm.roll(number);
        vm.warp(time);
        Entry memory entry = Entry(_wallet(alice), 0, 1 + (kind % 3), validUntil, repository, tag, body);
        _attest(alice, entry);
        bytes32 first = _follow(0, _content(entry, alice));
        vm.assertEq(_link(_key(entry)), first, "first");

        entry.previous = bytes20(first);
        _attest(alice, entry);
        vm.assertEq(_link(_key(entry)), _follow(first, _content(entry, alice)), "again");
    }

    function testFuzz_keysOfDifferentTextAreDifferent(string calldata text, uint8 seed) public {
        vm.assume(bytes(text).length > 2 && bytes(text).length <= 128);
        uint256 cut = 1 + (seed % (bytes(text).length - 2));
        Entry memory entry = _entry(_wallet(alice));
        entry.repository = string(bytes(text)[:cut]);
        entry.tag = string(bytes(text)[cut:]);
        _attest(alice, entry);

        // The same bytes, cut at another place: another name, so nothing is stale.
        entry.repository = string(bytes(text)[:cut + 1]);
        entry.tag = string(bytes(text)[cut + 1:]);
        vm.assertEq(_link(_key(entry)), bytes32(0), "another history");
        _attest(alice, entry);
    }

    function testFuzz_strangersCannotSpeakForAWallet(address stranger, address wallet, uint8 kind) public {
        vm.assume(stranger != wallet && stranger != address(vm));
        Entry memory entry = _entry(_wallet(wallet), 1 + (kind % 3), "forged");
        vm.expectRevert(_notAllowed(_wallet(wallet), stranger));
        _attest(stranger, entry);
    }

    function testFuzz_nobodySpeaksForWhatIsNoPublisher(bytes32 publisher, address caller) public {
        vm.assume(publisher != _wallet(caller) && caller != address(vm));
        Entry memory entry = _entry(publisher, REVOKE, "forged");
        vm.expectRevert(_notAllowed(publisher, caller));
        _attest(caller, entry);
    }

    function test_kinds() public {
        for (uint8 kind = PUBLISH; kind <= REVOKE; ++kind) {
            Entry memory entry = _entry(_wallet(alice), kind, "body");
            _attest(alice, entry);
        }
        _assertRefused(0, 3, 3, 3, abi.encodeWithSelector(IDaoChainLedger.InvalidKind.selector, 0));
        _assertRefused(4, 3, 3, 3, abi.encodeWithSelector(IDaoChainLedger.InvalidKind.selector, 4));
        _assertRefused(255, 3, 3, 3, abi.encodeWithSelector(IDaoChainLedger.InvalidKind.selector, 255));
    }

    function test_lengths() public {
        _assertAccepted(1, 1, 1);
        _assertAccepted(255, 128, 16_384);
        _assertRefused(PUBLISH, 0, 3, 3, abi.encodeWithSelector(IDaoChainLedger.InvalidRepository.selector, 0));
        _assertRefused(PUBLISH, 256, 3, 3, abi.encodeWithSelector(IDaoChainLedger.InvalidRepository.selector, 256));
        _assertRefused(PUBLISH, 3, 0, 3, abi.encodeWithSelector(IDaoChainLedger.InvalidTag.selector, 0));
        _assertRefused(PUBLISH, 3, 129, 3, abi.encodeWithSelector(IDaoChainLedger.InvalidTag.selector, 129));
        _assertRefused(PUBLISH, 3, 3, 0, abi.encodeWithSelector(IDaoChainLedger.InvalidBody.selector, 0));
        _assertRefused(PUBLISH, 3, 3, 16_385, abi.encodeWithSelector(IDaoChainLedger.InvalidBody.selector, 16_385));
    }

    function _assertAccepted(uint256 repository, uint256 tag, uint256 body) private {
        Entry memory entry = _sized(PUBLISH, repository, tag, body);
        _attest(alice, entry);
        vm.assertEq(_link(_key(entry)), _follow(0, _content(entry, alice)), "link");
    }

    function _assertRefused(uint8 kind, uint256 repository, uint256 tag, uint256 body, bytes memory reason) private {
        Entry memory entry = _sized(kind, repository, tag, body);
        vm.expectRevert(reason);
        _attest(alice, entry);
    }

    function _sized(uint8 kind, uint256 repository, uint256 tag, uint256 body) private view returns (Entry memory) {
        return
            Entry(_wallet(alice), 0, kind, 0, string(new bytes(repository)), string(new bytes(tag)), new bytes(body));
    }

    function _notAllowed(bytes32 publisher, address signer) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDaoChainLedger.SignerNotAllowed.selector, publisher, signer);
    }
}
