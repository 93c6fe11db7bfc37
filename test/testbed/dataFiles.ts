/** Every file that the product keeps in its data folder, by its path there, and the source files that write them. */
export interface DataFile {
  readonly path: RegExp;
  readonly writers: readonly string[];
}

/** The files of one followed ledger are at the top for the development network, and below a folder for each other one. */
const ofLedger = (path: string): RegExp => new RegExp(`^(?:networks/\\d+/)?${path}$`);
const kept = String.raw`ledgers/[\w-]+/`;
const draft = String.raw`(?:\.[0-9a-f]{16})?`;

export const dataFiles: Readonly<Record<string, DataFile>> = {
  'the final block': { path: ofLedger(`${kept}final\\.json`), writers: ['services/ledger/ledgerFiles.ts'] },
  'a contradiction': { path: ofLedger(`${kept}contradiction\\.json`), writers: ['services/ledger/ledgerFiles.ts'] },
  'histories that were read': {
    path: ofLedger(`${kept}histories/[0-9a-f]{2}\\.json`),
    writers: ['services/ledger/ledgerFiles.ts'],
  },
  'what was put aside': { path: ofLedger(`${kept}aside/.+`), writers: ['services/ledger/ledgerFiles.ts'] },
  'the table of entries': {
    path: ofLedger(`${kept}table/[\\w-]+\\.(?:json|bin)`),
    writers: ['services/ledger/ledgerTable.ts'],
  },
  'a transaction on its way': {
    path: ofLedger(String.raw`pending/0x[0-9a-f]{64}\.json`),
    writers: ['services/transactions/pendingTransactions.ts'],
  },
  'a turn': { path: ofLedger(`turns/[\\w.-]+\\.json${draft}`), writers: ['adapters/files/folderTurns.ts'] },
  'a content that was signed': {
    path: ofLedger(String.raw`signed/[0-9a-f]{64}-[0-9a-f]{64}\.json`),
    writers: ['services/judging/signedContents.ts'],
  },
  'a history of transfers': {
    path: ofLedger(String.raw`transfers/.+\.json`),
    writers: ['services/ether/transferHistory.ts'],
  },
  'an accepted policy': { path: /^policies\/[0-9a-f]{64}\.json$/, writers: ['services/trust/policies.ts'] },
  'the address of the wallet': { path: /^wallet\.address\.json$/, writers: ['services/wallet/walletMemory.ts'] },
  'the wallet': { path: /^wallet\.json$/, writers: ['adapters/secrets/walletFile.ts'] },
  'trust rules': {
    path: /^trust(?:\.local)?\.json$/,
    writers: ['cli/ruleFile.ts', 'ui/trust/trustMirror.ts'],
  },
  'which network is home': { path: /^networks\.json$/, writers: ['adapters/geth/networksFolder.ts'] },
  'the profile of a network': { path: /^networks\/\d+\/network\.json$/, writers: ['adapters/geth/networksFolder.ts'] },
  'the place in a network': { path: /^networks\/\d+\/place\.json$/, writers: ['adapters/geth/networksFolder.ts'] },
  'a ledger of another chain': {
    path: /^networks\/\d+\/ledger\.json$/,
    writers: ['adapters/geth/externalsFolder.ts'],
  },
  'the key of a node': { path: /^networks\/\d+\/nodekey$/, writers: ['adapters/geth/nodeKey.ts'] },
  'the development network': {
    path: /^node\/network-[0-9a-f]{8}\.json$/,
    writers: ['adapters/geth/networkFolder.ts'],
  },
  'the owner of a node': { path: ofLedger(`node/owner\\.json${draft}`), writers: ['adapters/geth/ownerLock.ts'] },
  'the mark of a stop': { path: ofLedger('node/stopped'), writers: ['adapters/geth/stopMark.ts'] },
  'the log of a node': { path: ofLedger(String.raw`node/daochain\.log(?:\.1)?`), writers: ['cli/logFile.ts'] },
  'what geth keeps': {
    path: ofLedger(String.raw`node/(?:chain-\d+|older-[\w-]+)/.+`),
    writers: ['adapters/geth/chainFolder.ts', 'adapters/geth/datasets.ts'],
  },
};

/** They write elsewhere: where a person says, below the cache folder, or for one of those above. */
export const otherWriters: readonly string[] = [
  'adapters/draft.ts',
  'adapters/renameFile.ts',
  'adapters/geth/createFile.ts',
  'adapters/geth/moveAside.ts',
  'adapters/files/folderFileStore.ts',
  // Taken away again: what the node is to read.
  'adapters/chain/blockStore.ts',
  'adapters/files/backupFile.ts',
  'adapters/geth/install.ts',
  'adapters/geth/runtimeFolder.ts',
  'cli/commands/check.ts',
  'cli/namedFile.ts',
  'ui/commands/walletCommands.ts',
  'ui/networks/networkCommands.ts',
  'ui/signing/requestFlow.ts',
  'ui/trust/trustCommands.ts',
];
