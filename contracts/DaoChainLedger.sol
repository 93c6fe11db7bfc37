// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {Entry, IDaoChainLedger, PUBLISH, REVOKE, SignerSlot} from "./IDaoChainLedger.sol";

/**
 * @title DaoChainLedger
 *
 * @dev Runs from a genesis block as well as from a deployment, with the same code: it has no constructor, no immutables
 * and no initial storage, and computes its EIP-712 domain for each call. The order of the state variables is part of
 * the interface, because storage proofs depend on it.
 *
 * The only call to foreign code is the static call of EIP-1271; it comes before any state is read.
 */
contract DaoChainLedger is IDaoChainLedger, IERC5267 {
    struct Organization {
        string name;
        address admin;
        address pendingAdmin;
    }

    string private constant _DOMAIN_NAME = "DaoChain Ledger";
    string private constant _DOMAIN_VERSION = "1";

    bytes32 private constant _DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant _ATTESTATION_TYPEHASH = keccak256(
        "Attestation(bytes32 publisher,bytes20 previous,uint8 kind,uint64 validUntil,string repository,string tag,bytes body,address signer,uint64 deadline)"
    );

    mapping(bytes32 key => bytes32 link) private _links;
    mapping(bytes32 publisher => mapping(address signer => SignerSlot slot)) private _signers;
    mapping(bytes32 id => Organization organization) private _organizations;
    mapping(address creator => uint256 count) private _organizationCounts;
    /// keccak256 of the scope of those signers whose slot says that they have one.
    mapping(bytes32 publisher => mapping(address signer => bytes32 hash)) private _scopes;

    /// An organization that is not there has the zero address as admin; a call that is only simulated can come from it.
    modifier onlyAdmin(bytes32 id) {
        if (msg.sender != _organizations[id].admin || msg.sender == address(0)) revert NotAdmin(id, msg.sender);
        _;
    }

    // --- entries -----------------------------------------------------------------------------------------------

    /// @inheritdoc IDaoChainLedger
    function attest(Entry calldata entry) external {
        _attest(entry, msg.sender);
    }

    /// @inheritdoc IDaoChainLedger
    function attestBatch(Entry[] calldata entries) external {
        for (uint256 i = 0; i < entries.length; ++i) {
            _attest(entries[i], msg.sender);
        }
    }

    /// @inheritdoc IDaoChainLedger
    function attestBySignature(
        Entry calldata entry,
        address signer,
        uint64 deadline,
        bytes calldata signature
    ) external {
        // Miners may shift the time by seconds: that moves the end of a window or deadline, never who may sign what.
        // slither-disable-next-line timestamp
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        bytes32 digest = MessageHashUtils.toTypedDataHash(
            _domainSeparator(),
            _hashAttestation(entry, signer, deadline)
        );
        if (!_hasSigned(signer, digest, signature)) revert InvalidSignature(signer);
        _attest(entry, signer);
    }

    /// @inheritdoc IDaoChainLedger
    function endWallet() external {
        bytes32 publisher = _walletPublisher(msg.sender);
        SignerSlot storage slot = _signers[publisher][msg.sender];
        if (slot.notAfter != 0) revert SignerNotAllowed(publisher, msg.sender);
        uint64 time = uint64(block.timestamp);
        slot.notAfter = time;
        emit WalletEnded(publisher, msg.sender, time);
    }

    // --- organizations -----------------------------------------------------------------------------------------

    /// @inheritdoc IDaoChainLedger
    function createOrganization(string calldata name) external returns (bytes32 id) {
        if (bytes(name).length == 0 || bytes(name).length > 64) revert InvalidOrganizationName(bytes(name).length);
        id = keccak256(abi.encode(block.chainid, address(this), msg.sender, _organizationCounts[msg.sender]++));
        // Ids with 12 leading zero bytes are wallets. No such hash is known or can be found.
        assert(uint256(id) > type(uint160).max);
        _organizations[id].name = name;
        _organizations[id].admin = msg.sender;
        emit OrganizationCreated(id, msg.sender, name);
    }

    /// @inheritdoc IDaoChainLedger
    function setSigner(
        bytes32 id,
        address signer,
        uint64 notBefore,
        uint64 notAfter,
        string calldata scope
    ) external onlyAdmin(id) {
        if (bytes(scope).length > 255) revert InvalidScope(bytes(scope).length);
        SignerSlot storage slot = _signers[id][signer];
        if (slot.voidFrom != 0) revert SignerAlreadyRevoked(id, signer);
        uint64 time = uint64(block.timestamp);
        // As for the deadline.
        // slither-disable-next-line timestamp
        uint64 from = notBefore < time ? time : notBefore;
        slot.notBefore = from;
        slot.notAfter = notAfter;
        slot.scopeLength = uint8(bytes(scope).length);
        _scopes[id][signer] = bytes(scope).length == 0 ? bytes32(0) : keccak256(bytes(scope));
        emit SignerSet(id, signer, from, notAfter, scope);
    }

    /// @inheritdoc IDaoChainLedger
    function revokeSigner(bytes32 id, address signer, uint64 sinceBlock) external onlyAdmin(id) {
        SignerSlot storage slot = _signers[id][signer];
        uint64 voidFrom = slot.voidFrom;
        if (sinceBlock == 0 || sinceBlock > block.number || (voidFrom != 0 && sinceBlock >= voidFrom)) {
            revert InvalidSinceBlock(sinceBlock, voidFrom);
        }
        slot.voidFrom = sinceBlock;
        emit SignerRevoked(id, signer, sinceBlock);
    }

    /// @inheritdoc IDaoChainLedger
    function transferAdmin(bytes32 id, address newAdmin) external onlyAdmin(id) {
        _organizations[id].pendingAdmin = newAdmin;
        emit AdminTransferStarted(id, msg.sender, newAdmin);
    }

    /// @inheritdoc IDaoChainLedger
    function acceptAdmin(bytes32 id) external {
        Organization storage target = _organizations[id];
        if (msg.sender != target.pendingAdmin || msg.sender == address(0)) revert NotPendingAdmin(id, msg.sender);
        address previousAdmin = target.admin;
        target.admin = msg.sender;
        target.pendingAdmin = address(0);
        emit AdminTransferred(id, previousAdmin, msg.sender);
    }

    // --- views -------------------------------------------------------------------------------------------------

    /// @inheritdoc IDaoChainLedger
    function organization(bytes32 id) external view returns (string memory name, address admin, address pendingAdmin) {
        Organization storage found = _organizations[id];
        return (found.name, found.admin, found.pendingAdmin);
    }

    /// @inheritdoc IDaoChainLedger
    function links(bytes32[] calldata keys) external view returns (bytes32[] memory found) {
        found = new bytes32[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            found[i] = _links[keys[i]];
        }
    }

    /// @inheritdoc IDaoChainLedger
    function signers(
        bytes32[] calldata publishers,
        address[] calldata accounts
    ) external view returns (SignerSlot[] memory) {
        if (publishers.length != accounts.length) revert LengthMismatch(publishers.length, accounts.length);
        // Written as it is encoded: an array of structs in memory and its encoding would take more gas for 10,000 slots
        // than geth gives to a call.
        uint256[] memory answer = new uint256[](2 + 4 * publishers.length);
        (answer[0], answer[1]) = (32, publishers.length);
        uint256 next = 2;
        for (uint256 i = 0; i < publishers.length; ++i) {
            SignerSlot storage slot = _signers[publishers[i]][accounts[i]];
            (answer[next], answer[next + 1]) = (slot.notBefore, slot.notAfter);
            (answer[next + 2], answer[next + 3]) = (slot.voidFrom, slot.scopeLength);
            next += 4;
        }
        // slither-disable-next-line assembly
        assembly ("memory-safe") {
            return(add(answer, 32), mul(mload(answer), 32))
        }
    }

    /// @inheritdoc IDaoChainLedger
    function scopes(
        bytes32[] calldata publishers,
        address[] calldata accounts
    ) external view returns (bytes32[] memory found) {
        if (publishers.length != accounts.length) revert LengthMismatch(publishers.length, accounts.length);
        found = new bytes32[](publishers.length);
        for (uint256 i = 0; i < publishers.length; ++i) {
            found[i] = _scopes[publishers[i]][accounts[i]];
        }
    }

    /// @inheritdoc IERC5267
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        // 0x0f: name, version, chain id and contract; no salt, no extensions.
        return (0x0f, _DOMAIN_NAME, _DOMAIN_VERSION, block.chainid, address(this), bytes32(0), new uint256[](0));
    }

    // --- the rules ---------------------------------------------------------------------------------------------

    function _attest(Entry calldata entry, address signer) private {
        // Read once: each read of a member of calldata is checked against the end of calldata again.
        bytes32 publisher = entry.publisher;
        bytes20 previous = entry.previous;
        uint8 kind = entry.kind;
        uint64 validUntil = entry.validUntil;
        string calldata repository = entry.repository;
        string calldata tag = entry.tag;
        bytes calldata body = entry.body;
        if (kind < PUBLISH || kind > REVOKE) revert InvalidKind(kind);
        if (!_within(bytes(repository).length, 255)) revert InvalidRepository(bytes(repository).length);
        if (!_within(bytes(tag).length, 128)) revert InvalidTag(bytes(tag).length);
        if (!_within(body.length, 16_384)) revert InvalidBody(body.length);
        _requireSigner(publisher, signer, kind, bytes(repository));

        bytes32 name = keccak256(abi.encode(repository, tag));
        bytes32 key = keccak256(abi.encode(publisher, name));
        bytes32 stored = _links[key];
        if (bytes20(stored) != previous) revert StaleLink(key, stored);

        bytes32 content = keccak256(abi.encode(previous, key, kind, signer, validUntil, keccak256(body)));
        bytes32 seal = keccak256(abi.encode(stored, content, block.number, block.timestamp));
        _links[key] = bytes32(bytes20(content)) | (seal >> 160);

        emit Attested(
            publisher,
            name,
            signer,
            stored,
            kind,
            validUntil,
            uint64(block.timestamp),
            repository,
            tag,
            body
        );
    }

    // A slot holds times of blocks, and all that is compared beside it is taken for one. As for the deadline.
    // slither-disable-start timestamp,incorrect-equality

    function _requireSigner(bytes32 publisher, address signer, uint8 kind, bytes calldata repository) private view {
        SignerSlot memory slot = _signers[publisher][signer];
        if (!_maySign(publisher, signer, kind, slot)) revert SignerNotAllowed(publisher, signer);
        uint256 length = slot.scopeLength;
        if (length != 0 && !_covers(_scopes[publisher][signer], length, repository)) {
            revert SignerOutOfScope(publisher, signer);
        }
    }

    function _maySign(
        bytes32 publisher,
        address signer,
        uint8 kind,
        SignerSlot memory slot
    ) private view returns (bool) {
        uint256 notAfter = slot.notAfter;
        if (publisher == _walletPublisher(signer)) return notAfter == 0 || kind == REVOKE;
        return
            slot.voidFrom == 0 &&
            slot.notBefore != 0 &&
            slot.notBefore <= block.timestamp &&
            (notAfter == 0 || block.timestamp <= notAfter);
    }

    /// @dev Whether the scope with this hash and length ends at a segment of the repository.
    function _covers(bytes32 scope, uint256 length, bytes calldata repository) private pure returns (bool) {
        if (repository.length < length) return false;
        bool isSegment = repository.length == length || repository[length] == "/" || repository[length - 1] == "/";
        return isSegment && keccak256(repository[:length]) == scope;
    }

    // slither-disable-end timestamp,incorrect-equality

    function _within(uint256 length, uint256 maximum) private pure returns (bool) {
        return length != 0 && length <= maximum;
    }

    function _walletPublisher(address wallet) private pure returns (bytes32) {
        return bytes32(uint256(uint160(wallet)));
    }

    /// @dev The key of an account counts before its code: who delegates to code (EIP-7702) keeps what the key has signed.
    function _hasSigned(address signer, bytes32 digest, bytes calldata signature) private view returns (bool) {
        // The rest says what is wrong, and whoever asks learns that there is no signature.
        // slither-disable-next-line unused-return
        (address recovered, ECDSA.RecoverError fault, ) = ECDSA.tryRecover(digest, signature);
        if (fault == ECDSA.RecoverError.NoError && recovered == signer) return true;
        return signer.code.length != 0 && SignatureChecker.isValidERC1271SignatureNow(signer, digest, signature);
    }

    // --- EIP-712 -----------------------------------------------------------------------------------------------

    function _domainSeparator() private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    _DOMAIN_TYPEHASH,
                    keccak256(bytes(_DOMAIN_NAME)),
                    keccak256(bytes(_DOMAIN_VERSION)),
                    block.chainid,
                    address(this)
                )
            );
    }

    function _hashAttestation(Entry calldata entry, address signer, uint64 deadline) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    _ATTESTATION_TYPEHASH,
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
    }
}
