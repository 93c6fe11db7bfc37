/** Every command of the manifest, and no other. */
export const commandIds = [
  'daochain.signImage',
  'daochain.buildAndSign',
  'daochain.verifyImage',
  'daochain.showAttestation',
  'daochain.copyDigest',
  'daochain.trustPublisher',
  'daochain.trustPublisherForRepository',
  'daochain.refreshImages',
  'daochain.readAlarm',
  'daochain.createWallet',
  'daochain.importWallet',
  'daochain.exportWallet',
  'daochain.unlockWallet',
  'daochain.lockWallet',
  'daochain.copyAddress',
  'daochain.startNode',
  'daochain.stopNode',
  'daochain.installNode',
  'daochain.toggleMining',
  'daochain.mineUntilFinal',
  'daochain.showAccountMenu',
  'daochain.openWalkthrough',
  'daochain.showLog',
  'daochain.showNodeLog',
] as const;

export type CommandId = (typeof commandIds)[number];
