// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

import {Entry, IDaoChainLedger, PUBLISH} from "../IDaoChainLedger.sol";
import {EchoWallet, OwnedWallet, ReentrantWallet, RevertingWallet} from "./ContractWallets.sol";
import {LedgerTest} from "./LedgerTest.sol";
import {vm} from "./Vm.sol";

contract AttestBySignatureTest is LedgerTest {
    uint64 private constant DEADLINE = 1_700_000_600;
    /// Order of secp256k1: for each valid (r, s, v) there is (r, ORDER - s, other v).
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function testFuzz_anybodyRelays(address relayer) public {
        vm.assume(relayer != address(vm));
        Entry memory entry = _entry(_wallet(alice));
        bytes memory signature = _sign(ALICE_KEY, entry, alice, DEADLINE);

        vm.expectEmit(address(ledger));
        emit IDaoChainLedger.Attested(
            _wallet(alice),
            keccak256(abi.encode(entry.repository, entry.tag)),
            alice,
            0,
            PUBLISH,
            0,
            1_700_000_000,
            entry.repository,
            entry.tag,
            entry.body
        );
        vm.prank(relayer);
        ledger.attestBySignature(entry, alice, DEADLINE, signature);

        vm.assertEq(_link(_key(entry)), _follow(0, _content(entry, alice)), "as if alice had called");
    }

    function test_organizationSignerSigns() public {
        Entry memory entry = _entry(_createOrganization(carol, alice));
        ledger.attestBySignature(entry, alice, DEADLINE, _sign(ALICE_KEY, entry, alice, DEADLINE));
        vm.assertEq(_link(_key(entry)), _follow(0, _content(entry, alice)), "link");
    }

    function test_signatureIsNotEnough() public {
        bytes32 organization = _createOrganization(carol, bob);
        Entry memory entry = _entry(organization);
        bytes memory signature = _sign(ALICE_KEY, entry, alice, DEADLINE);
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.SignerNotAllowed.selector, organization, alice));
        ledger.attestBySignature(entry, alice, DEADLINE, signature);
    }

    function test_signatureWorksOnce() public {
        Entry memory entry = _entry(_wallet(alice));
        bytes memory signature = _sign(ALICE_KEY, entry, alice, DEADLINE);
        ledger.attestBySignature(entry, alice, DEADLINE, signature);
        bytes32 key = _key(entry);
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.StaleLink.selector, key, _link(key)));
        ledger.attestBySignature(entry, alice, DEADLINE, signature);
    }

    function test_anotherEntryMakesASignatureWorthless() public {
        Entry memory signed = _entry(_wallet(alice));
        bytes memory signature = _sign(ALICE_KEY, signed, alice, DEADLINE);
        _attest(alice, _entry(_wallet(alice), PUBLISH, "something else"));
        bytes32 key = _key(signed);
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.StaleLink.selector, key, _link(key)));
        ledger.attestBySignature(signed, alice, DEADLINE, signature);
    }

    function test_deadlineIsIncluded() public {
        Entry memory entry = _entry(_wallet(alice));
        bytes memory signature = _sign(ALICE_KEY, entry, alice, DEADLINE);
        vm.warp(DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.SignatureExpired.selector, DEADLINE));
        ledger.attestBySignature(entry, alice, DEADLINE, signature);
        vm.warp(DEADLINE);
        ledger.attestBySignature(entry, alice, DEADLINE, signature);
    }

    function testFuzz_signatureBindsEveryField(uint8 field) public {
        Entry memory entry = _entry(_wallet(alice));
        bytes memory signature = _sign(ALICE_KEY, entry, alice, DEADLINE);
        uint64 deadline = DEADLINE;
        field = field % 9;
        if (field == 0) entry.publisher = _createOrganization(alice, alice);
        if (field == 1) entry.previous = bytes20(uint160(1));
        if (field == 2) entry.kind += 1;
        if (field == 3) entry.validUntil += 1;
        if (field == 4) entry.repository = "registry.example.com/team/apq";
        if (field == 5) entry.tag = "1.1";
        if (field == 6) entry.body = "Statement";
        if (field == 7) deadline += 1;
        address signer = field == 8 ? bob : alice;
        _assertInvalid(entry, signer, deadline, signature);
    }

    function test_signatureBindsTheText() public {
        Entry memory entry = _entry(_wallet(alice));
        (entry.repository, entry.tag) = ("ab", "c");
        bytes memory signature = _sign(ALICE_KEY, entry, alice, DEADLINE);
        (entry.repository, entry.tag) = ("a", "bc");
        _assertInvalid(entry, alice, DEADLINE, signature);
    }

    function test_signatureBindsTheChain() public {
        Entry memory entry = _entry(_wallet(alice));
        bytes memory signature = _sign(ALICE_KEY, entry, alice, DEADLINE);
        vm.chainId(31_338);
        _assertInvalid(entry, alice, DEADLINE, signature);
    }

    function test_signatureBindsTheLedger() public {
        Entry memory entry = _entry(_wallet(alice));
        bytes memory signature = _sign(ALICE_KEY, entry, alice, DEADLINE);
        ledger = _deploy();
        _assertInvalid(entry, alice, DEADLINE, signature);
    }

    function test_onlyOneFormOfASignatureIsAccepted() public {
        Entry memory entry = _entry(_wallet(alice));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ALICE_KEY, _digest(entry, alice, DEADLINE));
        uint8 otherV = v == 27 ? 28 : 27;
        bytes32 highS = bytes32(ORDER - uint256(s));

        _assertInvalid(entry, alice, DEADLINE, abi.encodePacked(r, highS, otherV));
        _assertInvalid(entry, alice, DEADLINE, abi.encodePacked(r, s, otherV));
        _assertInvalid(entry, alice, DEADLINE, abi.encodePacked(r, s, v - 27));
        _assertInvalid(entry, alice, DEADLINE, abi.encodePacked(r, s, v, uint8(0)));
        _assertInvalid(entry, alice, DEADLINE, abi.encodePacked(r, s));
        // EIP-2098
        _assertInvalid(entry, alice, DEADLINE, abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255))));
        _assertInvalid(entry, alice, DEADLINE, "");
    }

    /// `ecrecover` answers zero where there is no signature.
    function test_theZeroAddressSignsNothing() public {
        Entry memory entry = _entry(_wallet(address(0)));
        _assertInvalid(entry, address(0), DEADLINE, new bytes(65));
        _assertInvalid(entry, address(0), DEADLINE, "");
    }

    // --- contract wallets (EIP-1271) ---------------------------------------------------------------------------

    function test_contractWalletSigns() public {
        address wallet = address(new OwnedWallet(alice));
        Entry memory entry = _entry(_wallet(wallet));
        ledger.attestBySignature(entry, wallet, DEADLINE, _sign(ALICE_KEY, entry, wallet, DEADLINE));
        vm.assertEq(_link(_key(entry)), _follow(0, _content(entry, wallet)), "link");
    }

    function test_contractWalletRefuses() public {
        address wallet = address(new OwnedWallet(alice));
        Entry memory entry = _entry(_wallet(wallet));
        _assertInvalid(entry, wallet, DEADLINE, _sign(BOB_KEY, entry, wallet, DEADLINE));
    }

    /// One person's key may own several wallets that all accept its signatures.
    function test_signatureForOneWalletIsNotForAnother() public {
        address first = address(new OwnedWallet(alice));
        address second = address(new OwnedWallet(alice));
        bytes32 organization = _createOrganization(carol, first);
        vm.prank(carol);
        ledger.setSigner(organization, second, 0, 0, "");
        vm.prank(carol);
        ledger.setSigner(organization, alice, 0, 0, "");

        Entry memory entry = _entry(organization);
        bytes memory signature = _sign(ALICE_KEY, entry, first, DEADLINE);
        _assertInvalid(entry, second, DEADLINE, signature);
        _assertInvalid(entry, alice, DEADLINE, signature);
        ledger.attestBySignature(entry, first, DEADLINE, signature);
    }

    /// EIP-7702: an account with a key can have code, too. What its key has signed counts, and also what the code accepts.
    function test_accountWithDelegatedCodeKeepsItsKey() public {
        OwnedWallet delegate = new OwnedWallet(bob);
        vm.etch(alice, address(delegate).code);
        Entry memory entry = _entry(_wallet(alice));
        ledger.attestBySignature(entry, alice, DEADLINE, _sign(ALICE_KEY, entry, alice, DEADLINE));
        vm.assertEq(_link(_key(entry)), _follow(0, _content(entry, alice)), "by its key");

        // Its code has the storage of the account, where nobody is owner yet.
        vm.store(alice, bytes32(0), _wallet(bob));
        entry = _entry(_wallet(alice), PUBLISH, "by its code");
        bytes32 before = _link(_key(entry));
        ledger.attestBySignature(entry, alice, DEADLINE, _sign(BOB_KEY, entry, alice, DEADLINE));
        vm.assertEq(_link(_key(entry)), _follow(before, _content(entry, alice)), "by its code");
    }

    function test_keyOfAnAccountWithCodeThatAcceptsNothing() public {
        vm.etch(alice, address(new RevertingWallet()).code);
        Entry memory entry = _entry(_wallet(alice));
        _assertInvalid(entry, alice, DEADLINE, _sign(BOB_KEY, entry, alice, DEADLINE));
        ledger.attestBySignature(entry, alice, DEADLINE, _sign(ALICE_KEY, entry, alice, DEADLINE));
    }

    function test_contractWalletSignsWithinItsScope() public {
        address wallet = address(new OwnedWallet(alice));
        bytes32 organization = _createOrganization(carol, wallet, "registry.example.com/team/app");
        Entry memory entry = _entry(organization);
        ledger.attestBySignature(entry, wallet, DEADLINE, _sign(ALICE_KEY, entry, wallet, DEADLINE));

        entry.repository = "registry.example.com/team/other";
        entry.previous = 0;
        bytes memory signature = _sign(ALICE_KEY, entry, wallet, DEADLINE);
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.SignerOutOfScope.selector, organization, wallet));
        ledger.attestBySignature(entry, wallet, DEADLINE, signature);
    }

    function test_onlyTheMagicValueIsYes() public {
        _assertContractRefuses(address(new EchoWallet("")));
        _assertContractRefuses(address(new EchoWallet(abi.encodePacked(IERC1271.isValidSignature.selector))));
        _assertContractRefuses(address(new EchoWallet(abi.encode(true))));
        _assertContractRefuses(address(new EchoWallet(abi.encode(uint32(IERC1271.isValidSignature.selector)))));
        _assertContractRefuses(address(new RevertingWallet()));
        _assertContractRefuses(address(ledger));
    }

    function test_contractWalletCannotReenter() public {
        ReentrantWallet wallet = new ReentrantWallet(ledger);
        Entry memory entry = _entry(_wallet(address(wallet)));
        wallet.prepare(entry);
        vm.recordLogs();
        ledger.attestBySignature(entry, address(wallet), DEADLINE, "");

        vm.assertEq(vm.getRecordedLogs().length, 1, "one entry");
        vm.assertEq(wallet.intrusions(), 0, "intrusions");
        vm.assertEq(_link(_key(entry)), _follow(0, _content(entry, address(wallet))), "link");
        _assertSlot(_wallet(address(wallet)), address(wallet), 0, 0, 0);
    }

    function _assertContractRefuses(address wallet) private {
        Entry memory entry = _entry(_wallet(wallet));
        _assertInvalid(entry, wallet, DEADLINE, _sign(ALICE_KEY, entry, wallet, DEADLINE));
    }

    function _assertInvalid(Entry memory entry, address signer, uint64 deadline, bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(IDaoChainLedger.InvalidSignature.selector, signer));
        ledger.attestBySignature(entry, signer, deadline, signature);
    }
}
