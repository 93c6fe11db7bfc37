// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev A publisher states that it made this content.
uint8 constant PUBLISH = 1;
/// @dev A publisher states that it checked content that somebody else made.
uint8 constant VOUCH = 2;
/// @dev A publisher takes back an earlier statement; the body is that statement's hash, then the reason.
uint8 constant REVOKE = 3;

/// @notice One line in the history of a (publisher, repository, tag).
struct Entry {
    /// A wallet, left-padded with zeros, or an organization's id.
    bytes32 publisher;
    /// The first 20 bytes of the link that this entry follows; zero for the first entry of a history.
    bytes20 previous;
    /// `PUBLISH`, `VOUCH` or `REVOKE`.
    uint8 kind;
    /// Unix seconds after which readers treat the statement as stale; 0 for never.
    uint64 validUntil;
    /// 1 to 255 bytes, registry host included.
    string repository;
    /// 1 to 128 bytes.
    string tag;
    /// 1 to 16,384 bytes; what it means is between writers and readers.
    bytes body;
}

/// @notice What the ledger knows of one signer of one publisher. An absent slot is all zeros.
struct SignerSlot {
    /// Organizations: Unix seconds from which entries are accepted; 0 if the signer was never set. Wallets: 0.
    uint64 notBefore;
    /// Organizations: Unix seconds up to which entries are accepted; 0 for no end. Wallets: when the wallet ended, or 0.
    uint64 notAfter;
    /// Statements by this signer in this block and later are void; 0 for none. Always 0 for wallets.
    uint64 voidFrom;
    /// Bytes of the signer's scope, outside of which it signs nothing; 0 for none. `scopes` has its hash. Always 0 for wallets.
    uint8 scopeLength;
}

/**
 * @title The public ledger of what publishers say about container images
 *
 * @notice Each (publisher, repository, tag) has a history of entries in the event log and one word of state, its link,
 * which commits to that whole history:
 *
 *     name    = keccak256(abi.encode(repository, tag))
 *     key     = keccak256(abi.encode(publisher, name))
 *     content = keccak256(abi.encode(previous, key, kind, signer, validUntil, keccak256(body)))
 *     link    = first 20 bytes of content, then first 12 bytes of
 *               keccak256(abi.encode(link before, content, block.number, block.timestamp))
 *
 * `previous` is the first 20 bytes of the link before. Whoever folds the events of a key by these rules and arrives at
 * `links([key])` knows that none was dropped, reordered, re-dated or attributed to somebody else. They hold
 * nothing of a block, so a client knows it before the entry is mined and can sign the next one.
 *
 * The ledger has no owner, cannot be changed, and gives nobody a claim on a repository's name: whom to believe about
 * which repository is the reader's decision. Text and bodies are what the caller sent; readers ignore entries whose
 * repository or tag is not canonical. The first topic of every event is the publisher.
 *
 * WARNING: Signatures and calls bind the chain id and the ledger's address, not the chain's genesis. On two chains that
 * share both, each can be replayed on the other.
 *
 * WARNING: On a chain where `block.number` is not the number of the block that holds the event (some rollups), readers
 * cannot recompute links. Use the ledger only where the two are equal.
 */
interface IDaoChainLedger {
    // --- events ------------------------------------------------------------------------------------------------

    /**
     * @notice An entry was added to a history.
     * @param publisher who speaks
     * @param name keccak256(abi.encode(repository, tag))
     * @param signer the wallet that authorized the entry: the caller, or who signed for `attestBySignature`
     * @param previous the whole link before this entry
     * @param kind `PUBLISH`, `VOUCH` or `REVOKE`
     * @param validUntil Unix seconds, or 0
     * @param time the block's timestamp
     * @param repository text as it was sent, not checked to be canonical
     * @param tag text as it was sent, not checked to be canonical
     * @param body the statement, or what is revoked and why
     */
    event Attested(
        bytes32 indexed publisher,
        bytes32 indexed name,
        address indexed signer,
        bytes32 previous,
        uint8 kind,
        uint64 validUntil,
        uint64 time,
        string repository,
        string tag,
        bytes body
    );

    /// @notice A publisher with several signers was created; its creator is its admin.
    event OrganizationCreated(bytes32 indexed organization, address indexed admin, string name);

    /**
     * @notice A signer's window and scope were set, for the first time or anew. Both ends are as stored.
     * @param scope the text of which `scopes` has the hash, not checked to be canonical; empty for every repository
     */
    event SignerSet(
        bytes32 indexed organization,
        address indexed signer,
        uint64 notBefore,
        uint64 notAfter,
        string scope
    );

    /// @notice A signer was revoked for ever, or its void blocks now begin earlier. `sinceBlock` is the new `voidFrom`.
    event SignerRevoked(bytes32 indexed organization, address indexed signer, uint64 sinceBlock);

    /// @notice An admin offered its place; the zero address takes an offer back.
    event AdminTransferStarted(bytes32 indexed organization, address indexed admin, address indexed pendingAdmin);

    /// @notice The pending admin accepted.
    event AdminTransferred(bytes32 indexed organization, address indexed previousAdmin, address indexed admin);

    /// @notice A wallet ended itself as a publisher. `time` is the new `notAfter` of the slot (publisher, wallet).
    event WalletEnded(bytes32 indexed publisher, address indexed wallet, uint64 time);

    // --- errors ------------------------------------------------------------------------------------------------

    /// @dev The entry does not follow the newest one. Read the history again, look at what is new, then decide again.
    error StaleLink(bytes32 key, bytes32 stored);

    /// @dev The wallet does not speak for the publisher now, or not with this kind.
    error SignerNotAllowed(bytes32 publisher, address signer);

    /// @dev The signer's scope does not cover the repository.
    error SignerOutOfScope(bytes32 publisher, address signer);

    error InvalidKind(uint8 kind);

    /// @dev The repository is empty or longer than 255 bytes.
    error InvalidRepository(uint256 length);

    /// @dev The tag is empty or longer than 128 bytes.
    error InvalidTag(uint256 length);

    /// @dev The body is empty or longer than 16,384 bytes.
    error InvalidBody(uint256 length);

    /// @dev The scope is longer than 255 bytes.
    error InvalidScope(uint256 length);

    error SignatureExpired(uint64 deadline);

    /// @dev Not a signature of `signer` over exactly this entry, signer and deadline, on this ledger.
    error InvalidSignature(address signer);

    /// @dev The organization's name is empty or longer than 64 bytes.
    error InvalidOrganizationName(uint256 length);

    /// @dev The caller is not the organization's admin, or there is no such organization.
    error NotAdmin(bytes32 organization, address caller);

    error NotPendingAdmin(bytes32 organization, address caller);

    /// @dev A revoked signer stays revoked; set another wallet.
    error SignerAlreadyRevoked(bytes32 organization, address signer);

    /// @dev `sinceBlock` is 0, in the future, or not below the stored `voidFrom`.
    error InvalidSinceBlock(uint64 sinceBlock, uint64 voidFrom);

    error LengthMismatch(uint256 publishers, uint256 accounts);

    // --- entries -----------------------------------------------------------------------------------------------

    /**
     * @notice Adds an entry to a history, signed by the caller.
     * @dev A wallet speaks for itself with nothing set up before, until it ends itself; an organization's signers speak
     * within their windows until they are revoked. Reverts with `StaleLink` unless `entry.previous` is the start
     * of the stored link, so that two machines never overwrite each other unseen.
     *
     * Any current signer of an organization may revoke any statement of that organization, within its scope.
     */
    function attest(Entry calldata entry) external;

    /// @notice Adds entries in this order, all or none. Entries of one history follow each other.
    function attestBatch(Entry[] calldata entries) external;

    /**
     * @notice Adds an entry that `signer` authorized off chain. Anybody may send it, and who did is not recorded.
     * @dev `signature` is over the EIP-712 typed data
     *
     *     Attestation(bytes32 publisher,bytes20 previous,uint8 kind,uint64 validUntil,string repository,string tag,
     *                 bytes body,address signer,uint64 deadline)
     *
     * (without the line break) in the domain that `eip712Domain` tells: 65 bytes of the account's own key with s in the
     * lower half, or else, for an account with code, whatever its EIP-1271 accepts. It works once, because the link it names
     * is never current again.
     *
     * WARNING: Until `deadline` (Unix seconds) anybody who has the signature can use it as soon as `entry.previous` is
     * current. Keep deadlines short; another entry in the same history makes the signature worthless.
     *
     * WARNING: What a contract wallet accepts can change from block to block. Only a node that executed the block can
     * tell what was accepted there.
     */
    function attestBySignature(
        Entry calldata entry,
        address signer,
        uint64 deadline,
        bytes calldata signature
    ) external;

    /**
     * @notice Ends the caller as a publisher, for ever: afterwards it can only revoke what it stated.
     * @dev What it stated before stays valid until revoked. The slot (publisher, caller) shows it as `notAfter` ≠ 0.
     *
     * WARNING: This concerns the wallet as its own publisher only. Where it is an organization's signer or admin, it
     * stays that until the organization acts.
     */
    function endWallet() external;

    // --- organizations -----------------------------------------------------------------------------------------

    /**
     * @notice Creates a publisher with its own signers. The caller is its admin, and not yet a signer.
     * @param name 1 to 64 bytes for people to read. Names are not unique and prove nothing: show the id with it.
     * @return id keccak256(abi.encode(chain id, ledger, caller, number of organizations it created before)),
     * whose first 12 bytes are never all zero, so that it is no wallet's id
     */
    function createOrganization(string calldata name) external returns (bytes32 id);

    /**
     * @notice Lets a wallet sign for the organization between two times, both included. Admin only.
     * @param notBefore Unix seconds; a time that has passed becomes this block's
     * @param notAfter Unix seconds; 0 for no end. A window that has passed retires the signer: no new entries, and
     * those it made stay valid
     * @param scope empty for every repository, or up to 255 bytes with which repositories have to begin, up to the end of a
     * segment: it covers a repository that equals it, or goes on with `/` after it, or begins with it where it ends in `/`
     * itself. Outside of it the signer can neither state nor revoke anything, reserved names included
     * @dev Window and scope decide what is accepted now; readers never apply them to the past.
     */
    function setSigner(bytes32 id, address signer, uint64 notBefore, uint64 notAfter, string calldata scope) external;

    /**
     * @notice Revokes a signer for ever and voids its statements from a block on. Admin only.
     * @param sinceBlock 1 to the current block. May be called again with a lower block, never with a higher one
     *
     * WARNING: This cannot be taken back. A `sinceBlock` of 1 voids everything that the signer ever stated.
     *
     * WARNING: A reorganization of the chain can move a bad entry to an earlier block, out of the void. Name the entry's
     * block minus the confirmations that you wait for, look again when this call is final, and lower it if needed.
     *
     * WARNING: Revocations that the signer made stay in force.
     */
    function revokeSigner(bytes32 id, address signer, uint64 sinceBlock) external;

    /// @notice Offers the admin's place to `newAdmin`, who must accept; the zero address takes an offer back. Admin only.
    function transferAdmin(bytes32 id, address newAdmin) external;

    /// @notice Takes the place that `transferAdmin` offered to the caller.
    function acceptAdmin(bytes32 id) external;

    // --- views -------------------------------------------------------------------------------------------------

    /// @notice The organization's name, admin and offered admin; empty and zero if there is none with this id.
    function organization(bytes32 id) external view returns (string memory name, address admin, address pendingAdmin);

    /// @notice The link of each key; zero where nothing was ever stated.
    function links(bytes32[] calldata keys) external view returns (bytes32[] memory);

    /// @notice The slot of each (publisher, account); two lists of one length.
    function signers(
        bytes32[] calldata publishers,
        address[] calldata accounts
    ) external view returns (SignerSlot[] memory);

    /// @notice keccak256 of the scope of each (publisher, account); zero where there is none. Two lists of one length.
    function scopes(
        bytes32[] calldata publishers,
        address[] calldata accounts
    ) external view returns (bytes32[] memory);
}
