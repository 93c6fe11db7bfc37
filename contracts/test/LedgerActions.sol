// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DaoChainLedger} from "../DaoChainLedger.sol";
import {Entry, IDaoChainLedger, PUBLISH, REVOKE, SignerSlot} from "../IDaoChainLedger.sol";
import {LedgerRules} from "./LedgerRules.sol";
import {vm, Vm} from "./Vm.sol";

/**
 * @dev What a few people do to a ledger in any order, right or wrong. Beside the ledger goes a reader that sees nothing
 * but its events, and folds them; after each action the ledger's whole state is compared with what was there before.
 */
contract LedgerActions is LedgerRules {
    uint256 private constant PEOPLE = 4;
    uint256 private constant NAMES = 5;
    uint256 private constant ORGANIZATIONS = 3;

    /// What the ledger holds, and under which keys one person may at least revoke.
    struct State {
        bytes32[] links;
        SignerSlot[] slots;
        bool[] allowed;
    }

    address[] private _people;
    mapping(address person => uint256 privateKey) private _privateKeys;
    bytes32[] private _publishers;
    /// All keys, those of one publisher together.
    bytes32[] private _keys;

    // What the events say.
    mapping(bytes32 key => bytes32 link) private _links;
    mapping(bytes32 key => mapping(bytes32 link => bool)) private _seen;
    mapping(bytes32 publisher => mapping(address signer => SignerSlot)) private _slots;
    mapping(bytes32 publisher => mapping(address signer => string)) private _scopes;
    mapping(bytes32 organization => address) private _admins;
    mapping(bytes32 organization => address) private _pendingAdmins;

    /// What was accepted, so that a test can tell whether anything happened.
    mapping(bytes4 call => uint256 count) public accepted;

    constructor(DaoChainLedger ledger_) {
        ledger = ledger_;
        for (uint256 i = 0; i < PEOPLE; ++i) {
            address person = vm.addr(1_000 + i);
            _people.push(person);
            _privateKeys[person] = 1_000 + i;
            _publishers.push(_wallet(person));
        }
        for (uint256 i = 0; i < ORGANIZATIONS; ++i) {
            vm.recordLogs();
            vm.prank(_people[i]);
            _publishers.push(ledger.createOrganization("Example Company"));
            vm.prank(_people[i]);
            ledger.setSigner(_publishers[PEOPLE + i], _people[i + 1], 0, 0, "");
            _readEvents(_people[i]);
        }
        for (uint256 i = 0; i < _publishers.length * NAMES; ++i) {
            _keys.push(_key(_named(_publishers[i / NAMES], i)));
        }
    }

    // --- actions -----------------------------------------------------------------------------------------------

    function attest(uint256 caller, uint256 publisher, uint256 name, uint256 kind, uint256 previous) external {
        address person = _person(caller);
        Entry memory entry = _anyEntry(publisher, name, kind, previous);
        _act(person, person, abi.encodeCall(IDaoChainLedger.attest, (entry)), _fault(entry, person));
    }

    function attestBatch(uint256 caller, uint256 publisher, uint256 name, uint256 kind, uint256 previous) external {
        address person = _person(caller);
        Entry[] memory entries = new Entry[](3);
        bytes memory fault;
        for (uint256 i = 0; i < entries.length; ++i) {
            entries[i] = _anyEntry(publisher, i == 2 ? name ^ 1 : name, kind, i == 0 ? previous : 0);
            if (i == 1) entries[i].previous = bytes20(_content(entries[0], person));
            if (fault.length == 0 && i != 1) fault = _fault(entries[i], person);
        }
        _act(person, person, abi.encodeCall(IDaoChainLedger.attestBatch, (entries)), fault);
    }

    function attestBySignature(
        uint256 caller,
        uint256 signer,
        uint256 publisher,
        uint256 name,
        uint256 previous,
        uint256 flaw
    ) external {
        address person = _person(signer);
        Entry memory entry = _anyEntry(publisher, name, flaw, previous);
        uint64 deadline = uint64(vm.getBlockTimestamp());
        if (flaw % 16 == 0) --deadline;
        // Sometimes somebody else signs.
        uint256 privateKey = _privateKeys[_person(flaw % 16 == 1 ? signer ^ 1 : signer)];
        bytes memory signature = _sign(privateKey, entry, person, deadline);
        bytes memory fault = _fault(entry, person);
        if (flaw % 16 == 0) fault = abi.encodeWithSelector(IDaoChainLedger.SignatureExpired.selector, deadline);
        if (flaw % 16 == 1) fault = abi.encodeWithSelector(IDaoChainLedger.InvalidSignature.selector, person);
        bytes memory call = abi.encodeCall(IDaoChainLedger.attestBySignature, (entry, person, deadline, signature));
        _act(_person(caller), person, call, fault);
    }

    function setSigner(
        uint256 caller,
        uint256 publisher,
        uint256 signer,
        uint256 from,
        uint256 to,
        uint256 scope
    ) external {
        bytes32 id = _publisher(publisher);
        uint64 time = uint64(vm.getBlockTimestamp());
        // Most windows are open now, some are not.
        uint64 notBefore = from % 4 == 0 ? 0 : time - 200 + uint64(from % 250);
        uint64 notAfter = to % 4 == 0 ? 0 : time - 50 + uint64(to % 1_000);
        bytes memory fault = _adminFault(id, _person(caller));
        if (fault.length == 0 && _slots[id][_person(signer)].voidFrom != 0) {
            fault = abi.encodeWithSelector(IDaoChainLedger.SignerAlreadyRevoked.selector, id, _person(signer));
        }
        bytes memory call = abi.encodeCall(
            IDaoChainLedger.setSigner,
            (id, _person(signer), notBefore, notAfter, _anyScope(scope))
        );
        _act(_person(caller), _person(caller), call, fault);
    }

    function revokeSigner(uint256 caller, uint256 publisher, uint256 signer, uint256 since) external {
        // An organization that revokes everybody is soon silent.
        if (since % 4 != 0) return;
        bytes32 id = _publisher(publisher);
        uint64 sinceBlock = uint64((since / 4) % (vm.getBlockNumber() + 2));
        uint64 voidFrom = _slots[id][_person(signer)].voidFrom;
        bytes memory fault = _adminFault(id, _person(caller));
        bool fits = sinceBlock > 0 && sinceBlock <= vm.getBlockNumber() && (voidFrom == 0 || sinceBlock < voidFrom);
        if (fault.length == 0 && !fits) {
            fault = abi.encodeWithSelector(IDaoChainLedger.InvalidSinceBlock.selector, sinceBlock, voidFrom);
        }
        bytes memory call = abi.encodeCall(IDaoChainLedger.revokeSigner, (id, _person(signer), sinceBlock));
        _act(_person(caller), _person(caller), call, fault);
    }

    function transferAdmin(uint256 caller, uint256 publisher, uint256 to) external {
        bytes32 id = _publisher(publisher);
        address newAdmin = to % 4 == 0 ? address(0) : _person(to / 4);
        bytes memory call = abi.encodeCall(IDaoChainLedger.transferAdmin, (id, newAdmin));
        _act(_person(caller), _person(caller), call, _adminFault(id, _person(caller)));
    }

    function acceptAdmin(uint256 caller, uint256 publisher) external {
        bytes32 id = _publisher(publisher);
        bytes memory fault;
        if (_pendingAdmins[id] != _person(caller)) {
            fault = abi.encodeWithSelector(IDaoChainLedger.NotPendingAdmin.selector, id, _person(caller));
        }
        _act(_person(caller), _person(caller), abi.encodeCall(IDaoChainLedger.acceptAdmin, (id)), fault);
    }

    function endWallet(uint256 caller) external {
        // The last two never end.
        if (caller % 8 >= PEOPLE - 2) return;
        address person = _person(caller % 8);
        bytes memory fault;
        if (_slots[_wallet(person)][person].notAfter != 0) {
            fault = abi.encodeWithSelector(IDaoChainLedger.SignerNotAllowed.selector, _wallet(person), person);
        }
        _act(person, person, abi.encodeCall(IDaoChainLedger.endWallet, ()), fault);
    }

    function wait_(uint256 blocks) external {
        vm.roll(vm.getBlockNumber() + (blocks % 5));
        vm.warp(vm.getBlockTimestamp() + (blocks % 5) * 13);
    }

    // --- what must hold after every action ---------------------------------------------------------------------

    function assertStateIsTheFold() external view {
        bytes32[] memory keys = _keys;
        bytes32[] memory links = ledger.links(keys);
        for (uint256 i = 0; i < keys.length; ++i) {
            vm.assertEq(links[i], _links[keys[i]], "a link is not what its events fold to");
        }
        SignerSlot[] memory slots = _allSlots();
        for (uint256 i = 0; i < slots.length; ++i) {
            SignerSlot memory folded = _slots[_publishers[i / PEOPLE]][_people[i % PEOPLE]];
            vm.assertEq(abi.encode(slots[i]), abi.encode(folded), "a slot is not what its events fold to");
        }
        bytes32[] memory scopes = _allScopes();
        for (uint256 i = 0; i < scopes.length; ++i) {
            bytes memory folded = bytes(_scopes[_publishers[i / PEOPLE]][_people[i % PEOPLE]]);
            bytes32 hash = folded.length == 0 ? bytes32(0) : keccak256(folded);
            vm.assertEq(scopes[i], hash, "a scope is not what its events fold to");
        }
        for (uint256 i = PEOPLE; i < _publishers.length; ++i) {
            (, address admin, address pendingAdmin) = ledger.organization(_publishers[i]);
            vm.assertTrue(admin != address(0), "an organization without admin");
            vm.assertEq(admin, _admins[_publishers[i]], "admin");
            vm.assertEq(pendingAdmin, _pendingAdmins[_publishers[i]], "pending admin");
        }
    }

    /// @dev Makes a call, compares its outcome with the rules, then what moved with who was behind it.
    function _act(address caller, address authorizer, bytes memory call, bytes memory fault) private {
        State memory before = _state(authorizer);
        vm.recordLogs();
        vm.prank(caller);
        (bool success, bytes memory answer) = address(ledger).call(call);
        if (!success) vm.assertEq(answer, fault, "turned away for another reason");
        vm.assertTrue(success == (fault.length == 0), "accepted against the rules");
        if (success) ++accepted[bytes4(call)];
        // What a batch had logged before it was turned away is recorded, too.
        if (success) _readEvents(authorizer);
        _assertOnlyAllowedChanges(before, _state(authorizer));
    }

    function _assertOnlyAllowedChanges(State memory before, State memory then) private pure {
        for (uint256 i = 0; i < before.links.length; ++i) {
            bool moved = then.links[i] != before.links[i];
            vm.assertTrue(!moved || before.allowed[i], "somebody else moved a key");
        }
        for (uint256 i = 0; i < before.slots.length; ++i) {
            (uint64 was, uint64 is_) = (before.slots[i].voidFrom, then.slots[i].voidFrom);
            vm.assertTrue(was == 0 || (is_ != 0 && is_ <= was), "voidFrom rose");
        }
    }

    function _state(address person) private view returns (State memory state) {
        state.links = ledger.links(_keys);
        state.slots = _allSlots();
        state.allowed = new bool[](state.links.length);
        for (uint256 i = 0; i < state.allowed.length; ++i) {
            bytes32 publisher = _publishers[i / NAMES];
            state.allowed[i] = _maySign(publisher, person, REVOKE) && _isInScope(publisher, person, _repository(i));
        }
    }

    // --- a reader that has only the events ---------------------------------------------------------------------

    function _readEvents(address authorizer) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            bytes32 topic = logs[i].topics[0];
            bytes32 publisher = logs[i].topics[1];
            address account = address(uint160(uint256(logs[i].topics[2])));
            if (topic == IDaoChainLedger.Attested.selector) {
                vm.assertEq(address(uint160(uint256(logs[i].topics[3]))), authorizer, "attributed to somebody else");
                _fold(logs[i]);
            } else if (topic == IDaoChainLedger.SignerSet.selector) {
                SignerSlot storage slot = _slots[publisher][account];
                string memory scope;
                (slot.notBefore, slot.notAfter, scope) = abi.decode(logs[i].data, (uint64, uint64, string));
                slot.scopeLength = uint8(bytes(scope).length);
                _scopes[publisher][account] = scope;
                vm.assertTrue(slot.notBefore >= vm.getBlockTimestamp(), "a window that began before it was set");
            } else if (topic == IDaoChainLedger.SignerRevoked.selector) {
                _slots[publisher][account].voidFrom = abi.decode(logs[i].data, (uint64));
            } else if (topic == IDaoChainLedger.WalletEnded.selector) {
                _slots[publisher][account].notAfter = abi.decode(logs[i].data, (uint64));
            } else if (topic == IDaoChainLedger.OrganizationCreated.selector) {
                _admins[publisher] = account;
            } else if (topic == IDaoChainLedger.AdminTransferStarted.selector) {
                _pendingAdmins[publisher] = address(uint160(uint256(logs[i].topics[3])));
            } else if (topic == IDaoChainLedger.AdminTransferred.selector) {
                _admins[publisher] = address(uint160(uint256(logs[i].topics[3])));
                _pendingAdmins[publisher] = address(0);
            } else {
                vm.assertTrue(false, "an event that readers do not know");
            }
        }
    }

    function _fold(Vm.Log memory log) private {
        Entry memory entry;
        address signer = address(uint160(uint256(log.topics[3])));
        bytes32 previous;
        uint64 time;
        (previous, entry.kind, entry.validUntil, time, entry.repository, entry.tag, entry.body) = abi.decode(
            log.data,
            (bytes32, uint8, uint64, uint64, string, string, bytes)
        );
        entry.publisher = log.topics[1];
        entry.previous = bytes20(previous);
        bytes32 key = _key(entry);
        vm.assertEq(log.topics[2], keccak256(abi.encode(entry.repository, entry.tag)), "name");
        vm.assertEq(previous, _links[key], "an entry that does not follow the newest");
        vm.assertEq(uint256(time), vm.getBlockTimestamp(), "time");
        vm.assertTrue(_maySign(entry.publisher, signer, entry.kind), "a signer that was not allowed");
        vm.assertTrue(_isInScope(entry.publisher, signer, entry.repository), "an entry outside of its signer's scope");
        bytes32 link = _follow(previous, _content(entry, signer));
        vm.assertTrue(link != 0 && !_seen[key][link], "a link that was there before");
        _seen[key][link] = true;
        _links[key] = link;
    }

    // --- the rules, again --------------------------------------------------------------------------------------

    function _fault(Entry memory entry, address signer) private view returns (bytes memory) {
        if (entry.kind == 0 || entry.kind > 3) {
            return abi.encodeWithSelector(IDaoChainLedger.InvalidKind.selector, entry.kind);
        }
        if (!_maySign(entry.publisher, signer, entry.kind)) {
            return abi.encodeWithSelector(IDaoChainLedger.SignerNotAllowed.selector, entry.publisher, signer);
        }
        if (!_isInScope(entry.publisher, signer, entry.repository)) {
            return abi.encodeWithSelector(IDaoChainLedger.SignerOutOfScope.selector, entry.publisher, signer);
        }
        bytes32 key = _key(entry);
        if (entry.previous != bytes20(_links[key])) {
            return abi.encodeWithSelector(IDaoChainLedger.StaleLink.selector, key, _links[key]);
        }
        return "";
    }

    function _adminFault(bytes32 id, address caller) private view returns (bytes memory) {
        if (_admins[id] == caller) return "";
        return abi.encodeWithSelector(IDaoChainLedger.NotAdmin.selector, id, caller);
    }

    function _maySign(bytes32 publisher, address signer, uint8 kind) private view returns (bool) {
        SignerSlot memory slot = _slots[publisher][signer];
        if (uint256(publisher) <= type(uint160).max) {
            bool ended = slot.notAfter != 0;
            return publisher == _wallet(signer) && (kind == REVOKE || !ended);
        }
        uint256 time = vm.getBlockTimestamp();
        bool set = slot.notBefore != 0 && slot.voidFrom == 0;
        return set && time >= slot.notBefore && (slot.notAfter == 0 || time <= slot.notAfter);
    }

    function _isInScope(bytes32 publisher, address signer, string memory name) private view returns (bool) {
        bytes memory scope = bytes(_scopes[publisher][signer]);
        bytes memory repository = bytes(name);
        if (scope.length == 0 || keccak256(scope) == keccak256(repository)) return true;
        if (scope[scope.length - 1] != "/") scope = bytes.concat(scope, "/");
        if (repository.length < scope.length) return false;
        for (uint256 i = 0; i < scope.length; ++i) {
            if (repository[i] != scope[i]) return false;
        }
        return true;
    }

    // --- choices -----------------------------------------------------------------------------------------------

    function _anyEntry(
        uint256 publisher,
        uint256 name,
        uint256 kind,
        uint256 previous
    ) private view returns (Entry memory entry) {
        entry = _named(_publisher(publisher), name);
        entry.kind = kind % 16 == 0 ? uint8(kind / 16) : PUBLISH + uint8(kind % 3);
        entry.body = abi.encode(kind, previous);
        entry.previous = bytes20(_links[_key(entry)]);
        // Sometimes a link of another time or nobody's.
        if (previous % 8 == 1) entry.previous = bytes20(uint160(previous));
        if (previous % 8 == 2) entry.previous = 0;
        // Sometimes the wrong end, or the right one up to half of the link.
        if (previous % 8 == 3) entry.previous = bytes20(_links[_key(entry)] << 96);
        if (previous % 8 == 4) entry.previous = bytes16(_links[_key(entry)]);
    }

    function _named(bytes32 publisher, uint256 name) private pure returns (Entry memory entry) {
        entry.publisher = publisher;
        entry.repository = _repository(name);
        // "ab" + "c" and "a" + "bc" are different names.
        entry.tag = name % NAMES == 1 || name % NAMES == 2 ? "bc" : "c";
    }

    function _repository(uint256 name) private pure returns (string memory) {
        if (name % NAMES == 1) return "a";
        if (name % NAMES == 3) return "a/b";
        if (name % NAMES == 4) return "a/bc";
        return "ab";
    }

    function _anyScope(uint256 seed) private pure returns (string memory) {
        return ["", "", "", "a", "a/", "a/b", "ab", "b"][seed % 8];
    }

    /// The slots of all people at all publishers, those of one publisher together.
    function _allSlots() private view returns (SignerSlot[] memory) {
        (bytes32[] memory publishers, address[] memory accounts) = _allPairs();
        return ledger.signers(publishers, accounts);
    }

    function _allPairs() private view returns (bytes32[] memory publishers, address[] memory accounts) {
        publishers = new bytes32[](_publishers.length * PEOPLE);
        accounts = new address[](publishers.length);
        for (uint256 i = 0; i < publishers.length; ++i) {
            (publishers[i], accounts[i]) = (_publishers[i / PEOPLE], _people[i % PEOPLE]);
        }
    }

    function _allScopes() private view returns (bytes32[] memory) {
        (bytes32[] memory publishers, address[] memory accounts) = _allPairs();
        return ledger.scopes(publishers, accounts);
    }

    function _person(uint256 seed) private view returns (address) {
        return _people[seed % PEOPLE];
    }

    function _publisher(uint256 seed) private view returns (bytes32) {
        return _publishers[seed % _publishers.length];
    }
}
