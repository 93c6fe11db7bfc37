// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Entry, IDaoChainLedger, PUBLISH, REVOKE} from "../IDaoChainLedger.sol";
import {LedgerTest} from "./LedgerTest.sol";
import {vm} from "./Vm.sol";

contract OrganizationTest is LedgerTest {
    // --- creation ----------------------------------------------------------------------------------------------

    function test_creatorIsAdminAndNotASigner() public {
        bytes32 id = keccak256(abi.encode(block.chainid, address(ledger), carol, uint256(0)));
        vm.expectEmit(address(ledger));
        emit IDaoChainLedger.OrganizationCreated(id, carol, "Example Company");
        bytes32 organization = _createOrganization(carol);

        vm.assertEq(organization, id, "id");
        _assertAdmins(organization, carol, address(0));
        _assertMayNotSign(organization, carol);
    }

    function testFuzz_idsAreNeverAWalletsOrEqual(address creator, address other) public {
        vm.assume(creator != address(vm) && other != address(vm));
        bytes32 first = _createOrganization(creator);
        bytes32 second = _createOrganization(creator);
        bytes32 third = _createOrganization(other);
        vm.assertTrue(first != second && second != third && first != third, "equal ids");
        vm.assertTrue(uint256(first) >> 160 != 0 && uint256(second) >> 160 != 0, "a wallet's id");
    }

    function test_nameIsOneTo64Bytes() public {
        for (uint256 length = 1; length <= 64; ++length) {
            string memory name = string(new bytes(length));
            bytes32 organization = ledger.createOrganization(name);
            (string memory stored, , ) = ledger.organization(organization);
            vm.assertEq(stored, name, "name");
        }
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.InvalidOrganizationName.selector, 0));
        ledger.createOrganization("");
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.InvalidOrganizationName.selector, 65));
        ledger.createOrganization(string(new bytes(65)));
    }

    // --- signers -----------------------------------------------------------------------------------------------

    function test_signerSpeaks() public {
        bytes32 organization = _createOrganization(carol);
        vm.expectEmit(address(ledger));
        emit IDaoChainLedger.SignerSet(organization, alice, 1_700_000_000, 1_800_000_000, "");
        vm.prank(carol);
        ledger.setSigner(organization, alice, 1_700_000_000, 1_800_000_000, "");

        _assertSlot(organization, alice, 1_700_000_000, 1_800_000_000, 0);
        _assertMaySign(organization, alice);
        _assertMayNotSign(organization, bob);
    }

    /// Nobody was allowed to sign before it was said, and no slot says so.
    function testFuzz_windowBeginsNowAtTheEarliest(uint64 notBefore) public {
        uint64 from = notBefore < 1_700_000_000 ? 1_700_000_000 : notBefore;
        bytes32 organization = _createOrganization(carol);
        vm.expectEmit(address(ledger));
        emit IDaoChainLedger.SignerSet(organization, alice, from, 0, "");
        vm.prank(carol);
        ledger.setSigner(organization, alice, notBefore, 0, "");
        _assertSlot(organization, alice, from, 0, 0);
    }

    function testFuzz_windowGatesAcceptance(uint64 notBefore, uint64 notAfter, uint64 time) public {
        vm.assume(time != 0 && notBefore != 0);
        bytes32 organization = _createOrganization(carol);
        vm.prank(carol);
        ledger.setSigner(organization, alice, notBefore, notAfter, "");
        vm.warp(time);
        if (notBefore < 1_700_000_000) notBefore = 1_700_000_000;
        if (notBefore <= time && (notAfter == 0 || time <= notAfter)) _assertMaySign(organization, alice);
        else _assertMayNotSign(organization, alice);
    }

    function test_bothEndsOfTheWindowAreIncluded() public {
        bytes32 organization = _createOrganization(carol);
        vm.prank(carol);
        ledger.setSigner(organization, alice, 1_700_000_100, 1_700_000_200, "");
        vm.warp(1_700_000_099);
        _assertMayNotSign(organization, alice);
        vm.warp(1_700_000_100);
        _assertMaySign(organization, alice);
        vm.warp(1_700_000_200);
        _assertMaySign(organization, alice);
        vm.warp(1_700_000_201);
        _assertMayNotSign(organization, alice);
    }

    function test_retiredSignerCanBeSetAgain() public {
        bytes32 organization = _createOrganization(carol, alice);
        vm.prank(carol);
        ledger.setSigner(organization, alice, 1, 1, "");
        _assertMayNotSign(organization, alice);
        vm.prank(carol);
        ledger.setSigner(organization, alice, 0, 0, "");
        _assertMaySign(organization, alice);
    }

    function test_signerOfOneOrganizationIsNotAnothers() public {
        bytes32 mine = _createOrganization(carol, alice);
        bytes32 other = _createOrganization(carol);
        _assertMaySign(mine, alice);
        _assertMayNotSign(other, alice);
    }

    function test_anyCurrentSignerRevokes() public {
        bytes32 organization = _createOrganization(carol, alice);
        vm.prank(carol);
        ledger.setSigner(organization, bob, 0, 0, "");
        _attest(alice, _entry(organization));

        Entry memory entry = _entry(organization, REVOKE, "reason");
        _attest(bob, entry);
        vm.assertEq(bytes20(_link(_key(entry))), bytes20(_content(entry, bob)), "revoked by bob");
    }

    // --- scopes ------------------------------------------------------------------------------------------------

    function test_scopeEndsAtASegment() public {
        _assertScope("ghcr.io/acme/web", "ghcr.io/acme/web", true);
        _assertScope("ghcr.io/acme/web", "ghcr.io/acme/web/api", true);
        _assertScope("ghcr.io/acme/web", "ghcr.io/acme/webshop", false);
        _assertScope("ghcr.io/acme/web", "ghcr.io/acme/web-old", false);
        _assertScope("ghcr.io/acme/web", "ghcr.io/acme/we", false);
        _assertScope("ghcr.io/acme/web", "ghcr.io/acme/wex", false);
        _assertScope("ghcr.io/acme/web", "ghcr.io/acme", false);
        _assertScope("ghcr.io/acme/web", "daochain:content", false);
        _assertScope("ghcr.io/acme/", "ghcr.io/acme/web", true);
        _assertScope("ghcr.io/acme/", "ghcr.io/acme/web/api", true);
        _assertScope("ghcr.io/acme/", "ghcr.io/acme", false);
        _assertScope("ghcr.io/acme/", "ghcr.io/acmex/web", false);
        _assertScope("ghcr.io/acme/", "ghcr.io/evil/web", false);
        _assertScope("ghcr.io", "ghcr.io/acme/web", true);
        _assertScope("ghcr.io", "ghcr.io.evil.example/acme/web", false);
        _assertScope("localhost", "localhost:5000/acme/web", false);
        _assertScope("", "anything", true);
    }

    function testFuzz_scopeCoversItselfAndWhatIsBelow(string calldata scope, string calldata below) public {
        vm.assume(bytes(scope).length > 0 && bytes(scope).length <= 120);
        vm.assume(bytes(below).length > 0 && bytes(below).length <= 120);
        _assertScope(scope, scope, true);
        _assertScope(scope, string.concat(scope, "/", below), true);
        _assertScope(string.concat(scope, "/"), string.concat(scope, "/", below), true);
        bool isSegment = bytes(scope)[bytes(scope).length - 1] == "/" || bytes(below)[0] == "/";
        _assertScope(scope, string.concat(scope, below), isSegment);
    }

    function testFuzz_scopeCoversNoOtherBeginning(string calldata scope, uint256 at, bytes1 other) public {
        vm.assume(bytes(scope).length > 0 && bytes(scope).length <= 250);
        at = at % bytes(scope).length;
        vm.assume(bytes(scope)[at] != other);
        bytes memory repository = bytes.concat(bytes(scope), "/app");
        repository[at] = other;
        _assertScope(scope, string(repository), false);
    }

    function test_longestScope() public {
        string memory scope = string(new bytes(255));
        _assertScope(scope, scope, true);
        bytes32 organization = _createOrganization(carol);
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.InvalidScope.selector, 256));
        vm.prank(carol);
        ledger.setSigner(organization, alice, 0, 0, string(new bytes(256)));
    }

    /// Every kind, and a batch as a whole: a revocation says something of the repository, too.
    function test_nothingIsAcceptedOutsideOfAScope() public {
        bytes32 organization = _createOrganization(carol, alice, "registry.example.com/other");
        for (uint8 kind = PUBLISH; kind <= REVOKE; ++kind) {
            Entry memory entry = _entry(organization, kind, "body");
            vm.expectRevert(_outOfScope(organization));
            _attest(alice, entry);
        }
        Entry[] memory entries = new Entry[](2);
        entries[0] = _entry(_wallet(alice));
        entries[1] = _entry(organization);
        vm.expectRevert(_outOfScope(organization));
        vm.prank(alice);
        ledger.attestBatch(entries);
        uint64 deadline = 1_700_000_000;
        bytes memory signature = _sign(ALICE_KEY, entries[1], alice, deadline);
        vm.expectRevert(_outOfScope(organization));
        ledger.attestBySignature(entries[1], alice, deadline, signature);
    }

    function test_scopeIsChangedWithTheWindow() public {
        bytes32 organization = _createOrganization(carol, alice, "registry.example.com/team");
        vm.assertEq(_scope(organization, alice), keccak256("registry.example.com/team"), "scope");
        vm.assertEq(uint256(_slot(organization, alice).scopeLength), 25, "length");
        _assertMaySign(organization, alice);

        vm.expectEmit(address(ledger));
        emit IDaoChainLedger.SignerSet(organization, alice, 1_700_000_000, 0, "registry.example.com/teas");
        vm.prank(carol);
        ledger.setSigner(organization, alice, 0, 0, "registry.example.com/teas");
        Entry memory entry = _entry(organization);
        vm.expectRevert(_outOfScope(organization));
        _attest(alice, entry);

        vm.prank(carol);
        ledger.setSigner(organization, alice, 0, 0, "");
        vm.assertEq(_scope(organization, alice), bytes32(0), "no scope");
        vm.assertEq(uint256(_slot(organization, alice).scopeLength), 0, "no length");
        _assertMaySign(organization, alice);
    }

    function test_scopeIsOfOneSignerOfOneOrganization() public {
        bytes32 organization = _createOrganization(carol, alice, "registry.example.com/other");
        vm.prank(carol);
        ledger.setSigner(organization, bob, 0, 0, "");
        _assertMaySign(organization, bob);
        _assertMaySign(_createOrganization(carol, alice), alice);
        _attest(alice, _entry(_wallet(alice)));
    }

    function test_revocationOfASignerKeepsItsScope() public {
        bytes32 organization = _createOrganization(carol, alice, "registry.example.com/team");
        _revoke(organization, 1_000);
        vm.assertEq(uint256(_slot(organization, alice).scopeLength), 25, "length");
        _assertSlot(organization, alice, 1_700_000_000, 0, 1_000);
    }

    // --- revoked signers ---------------------------------------------------------------------------------------

    function test_revokedSignerIsSilentForEver() public {
        bytes32 organization = _createOrganization(carol, alice);
        vm.expectEmit(address(ledger));
        emit IDaoChainLedger.SignerRevoked(organization, alice, 990);
        vm.prank(carol);
        ledger.revokeSigner(organization, alice, 990);

        _assertSlot(organization, alice, 1_700_000_000, 0, 990);
        _assertMayNotSign(organization, alice);
        Entry memory entry = _entry(organization, REVOKE, "reason");
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.SignerNotAllowed.selector, organization, alice));
        _attest(alice, entry);

        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.SignerAlreadyRevoked.selector, organization, alice));
        vm.prank(carol);
        ledger.setSigner(organization, alice, 0, 0, "");
    }

    function testFuzz_sinceBlockOnlyFalls(uint64 first, uint64 second) public {
        bytes32 organization = _createOrganization(carol, alice);
        bool firstFits = first >= 1 && first <= 1_000;
        if (!firstFits) vm.expectRevert(_invalidSinceBlock(first, 0));
        vm.prank(carol);
        ledger.revokeSigner(organization, alice, first);

        uint64 voidFrom = firstFits ? first : 0;
        bool secondFits = second >= 1 && second <= 1_000 && (voidFrom == 0 || second < voidFrom);
        if (!secondFits) vm.expectRevert(_invalidSinceBlock(second, voidFrom));
        vm.prank(carol);
        ledger.revokeSigner(organization, alice, second);

        vm.assertEq(uint256(_slot(organization, alice).voidFrom), secondFits ? second : voidFrom, "voidFrom");
    }

    function test_sinceBlockIsOneToNow() public {
        bytes32 organization = _createOrganization(carol, alice);
        _assertSinceBlockRefused(organization, 0, 0);
        _assertSinceBlockRefused(organization, 1_001, 0);
        _revoke(organization, 1_000);
        _assertSinceBlockRefused(organization, 1_000, 1_000);
        _revoke(organization, 999);
        _revoke(organization, 1);
        _assertSinceBlockRefused(organization, 1, 1);
        _assertSinceBlockRefused(organization, 0, 1);
        _assertSlot(organization, alice, 1_700_000_000, 0, 1);
    }

    function test_strangerCanBeRevokedAheadOfTime() public {
        bytes32 organization = _createOrganization(carol);
        _revoke(organization, 1_000);
        _assertSlot(organization, alice, 0, 0, 1_000);
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.SignerAlreadyRevoked.selector, organization, alice));
        vm.prank(carol);
        ledger.setSigner(organization, alice, 0, 0, "");
    }

    // --- admins ------------------------------------------------------------------------------------------------

    function testFuzz_onlyTheAdminManages(address caller) public {
        vm.assume(caller != carol && caller != address(vm));
        bytes32 organization = _createOrganization(carol, alice);
        bytes memory reason = abi.encodeWithSelector(IDaoChainLedger.NotAdmin.selector, organization, caller);
        vm.expectRevert(reason);
        vm.prank(caller);
        ledger.setSigner(organization, caller, 0, 0, "");
        vm.expectRevert(reason);
        vm.prank(caller);
        ledger.revokeSigner(organization, alice, 1);
        vm.expectRevert(reason);
        vm.prank(caller);
        ledger.transferAdmin(organization, caller);
    }

    function test_adminChangesInTwoSteps() public {
        bytes32 organization = _createOrganization(carol);
        vm.expectEmit(address(ledger));
        emit IDaoChainLedger.AdminTransferStarted(organization, carol, bob);
        vm.prank(carol);
        ledger.transferAdmin(organization, bob);
        _assertAdmins(organization, carol, bob);

        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.NotAdmin.selector, organization, bob));
        vm.prank(bob);
        ledger.setSigner(organization, bob, 0, 0, "");

        vm.expectEmit(address(ledger));
        emit IDaoChainLedger.AdminTransferred(organization, carol, bob);
        vm.prank(bob);
        ledger.acceptAdmin(organization);
        _assertAdmins(organization, bob, address(0));

        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.NotAdmin.selector, organization, carol));
        vm.prank(carol);
        ledger.setSigner(organization, carol, 0, 0, "");
        _assertMayNotAccept(organization, bob);
    }

    function test_offerCanBeTakenBackOrChanged() public {
        bytes32 organization = _createOrganization(carol);
        vm.prank(carol);
        ledger.transferAdmin(organization, bob);
        vm.prank(carol);
        ledger.transferAdmin(organization, alice);
        _assertMayNotAccept(organization, bob);
        vm.prank(carol);
        ledger.transferAdmin(organization, address(0));
        _assertMayNotAccept(organization, alice);
        _assertAdmins(organization, carol, address(0));
    }

    function testFuzz_nobodyTakesAnOrganizationThatIsNotThere(bytes32 id, address caller) public {
        vm.assume(caller != address(vm));
        _assertMayNotAccept(id, caller);
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.NotAdmin.selector, id, caller));
        vm.prank(caller);
        ledger.transferAdmin(id, caller);
        (string memory name, address admin, address pendingAdmin) = ledger.organization(id);
        vm.assertEq(name, "", "name");
        vm.assertTrue(admin == address(0) && pendingAdmin == address(0), "admins");
    }

    /// Calls that are only simulated can come from it, and whoever is not there has it as admin.
    function test_theZeroAddressManagesNothing() public {
        bytes32 organization = _createOrganization(carol);
        _assertMayNotAccept(organization, address(0));
        bytes32 nothing = keccak256("nothing");
        _assertMayNotAccept(nothing, address(0));
        bytes memory reason = abi.encodeWithSelector(IDaoChainLedger.NotAdmin.selector, nothing, address(0));
        vm.expectRevert(reason);
        vm.prank(address(0));
        ledger.setSigner(nothing, alice, 0, 0, "");
        vm.expectRevert(reason);
        vm.prank(address(0));
        ledger.revokeSigner(nothing, alice, 1);
        vm.expectRevert(reason);
        vm.prank(address(0));
        ledger.transferAdmin(nothing, alice);
    }

    // -----------------------------------------------------------------------------------------------------------

    function _assertScope(string memory scope, string memory repository, bool isCovered) private {
        bytes32 organization = _createOrganization(carol, alice, scope);
        Entry memory entry = _entry(organization);
        entry.repository = repository;
        if (!isCovered) vm.expectRevert(_outOfScope(organization));
        _attest(alice, entry);
    }

    function _outOfScope(bytes32 organization) private view returns (bytes memory) {
        return abi.encodeWithSelector(IDaoChainLedger.SignerOutOfScope.selector, organization, alice);
    }

    function _revoke(bytes32 organization, uint64 sinceBlock) private {
        vm.prank(carol);
        ledger.revokeSigner(organization, alice, sinceBlock);
    }

    function _assertSinceBlockRefused(bytes32 organization, uint64 sinceBlock, uint64 voidFrom) private {
        vm.expectRevert(_invalidSinceBlock(sinceBlock, voidFrom));
        _revoke(organization, sinceBlock);
    }

    function _invalidSinceBlock(uint64 sinceBlock, uint64 voidFrom) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDaoChainLedger.InvalidSinceBlock.selector, sinceBlock, voidFrom);
    }

    function _assertAdmins(bytes32 organization, address admin, address pendingAdmin) private view {
        (string memory name, address storedAdmin, address storedPending) = ledger.organization(organization);
        vm.assertEq(name, "Example Company", "name");
        vm.assertEq(storedAdmin, admin, "admin");
        vm.assertEq(storedPending, pendingAdmin, "pendingAdmin");
    }

    function _assertMayNotAccept(bytes32 organization, address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.NotPendingAdmin.selector, organization, caller));
        vm.prank(caller);
        ledger.acceptAdmin(organization);
    }

    function _assertMaySign(bytes32 organization, address signer) private {
        Entry memory entry = _entry(organization, PUBLISH, "statement");
        _attest(signer, entry);
        vm.assertEq(bytes20(_link(_key(entry))), bytes20(_content(entry, signer)), "stated");
    }

    function _assertMayNotSign(bytes32 organization, address signer) private {
        Entry memory entry = _entry(organization, PUBLISH, "statement");
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.SignerNotAllowed.selector, organization, signer));
        _attest(signer, entry);
    }
}
