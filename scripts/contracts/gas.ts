/** Gas of each call that somebody pays for, measured on a real EVM; `tsx scripts/contracts/gas.ts` prints the figures. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AbiCoder, concat, dataSlice, id, Interface, keccak256, toUtf8Bytes } from 'ethers';
import { zeroPadValue, ZeroAddress, ZeroHash } from 'ethers';
import type { JsonRpcProvider, JsonRpcSigner, TransactionReceipt } from 'ethers';
import * as v from 'valibot';
import { ledgerAbi, ledgerReleases } from '../../src/adapters/chain/ledgerAbi';
import { compileContract, repositoryRoot } from './compile';
import { startAnvil } from './foundry';

/** Upper limits for a statement of 180 bytes about a reference of 40 characters, wallet or organization signer alike. */
export const gasBars = {
  attestFirst: 68_000,
  attestAgain: 50_000,
  attestBatch50Each: 46_000,
  revoke: 50_000,
  attestBySignatureFirst: 78_000,
  attestBySignatureAgain: 60_000,
} as const;

/** Typed data of `attestBySignature`, as contracts/IDaoChainLedger.sol describes it. */
export const attestationTypes = {
  Attestation: [
    { name: 'publisher', type: 'bytes32' },
    { name: 'previous', type: 'bytes20' },
    { name: 'kind', type: 'uint8' },
    { name: 'validUntil', type: 'uint64' },
    { name: 'repository', type: 'string' },
    { name: 'tag', type: 'string' },
    { name: 'body', type: 'bytes' },
    { name: 'signer', type: 'address' },
    { name: 'deadline', type: 'uint64' },
  ],
};

/** Gas by call, for a wallet that is its own publisher; beside it the 2016 contract and EAS for comparison. */
export async function measureGas(): Promise<Record<string, number>> {
  return onAnvil(async (provider) => ({
    ...(await measureLedger(provider, 'wallet')),
    ...(await measureImageRegistry2016(provider)),
    ...(await measureEas(provider)),
  }));
}

/** The calls of the ledger, made by an organization's signer: of everything, or of a scope. */
export async function measureOrganizationGas(scope = ''): Promise<Record<string, number>> {
  return onAnvil((provider) => measureLedger(provider, { scope }));
}

/** A scope that covers what is measured. */
export const sampleScope = 'registry.example.com/team';

const abi = AbiCoder.defaultAbiCoder();
const repository = 'registry.example.com/team/service';
const tag = 'v1.2.3';
const noDeadline = 2n ** 64n - 1n;

async function measureLedger(
  provider: JsonRpcProvider,
  speaker: 'wallet' | { readonly scope: string },
): Promise<Record<string, number>> {
  const signer = await provider.getSigner(0);
  const relayer = await provider.getSigner(1);
  const release = ledgerReleases.at(-1);
  if (release === undefined) throw new Error('there is no release of the ledger');
  const ledger = await deploy(signer, release.creationCode);
  const functions = new Interface(ledgerAbi);
  const send = (from: JsonRpcSigner, name: string, args: readonly unknown[]): Promise<TransactionReceipt> =>
    transact(from, ledger, functions.encodeFunctionData(name, args));

  const creation = await send(signer, 'createOrganization', ['Example Company']);
  const organization = v.parse(v.string(), creation.logs[0]?.topics[1]);
  const setting = await send(signer, 'setSigner', [
    organization,
    signer.address,
    0,
    0,
    speaker === 'wallet' ? '' : speaker.scope,
  ]);
  const publisher = speaker === 'wallet' ? zeroPadValue(signer.address, 32) : organization;

  /** An entry that follows what the ledger holds. */
  const next = async (kind: number, entryTag: string, body: string): Promise<readonly unknown[]> => {
    const name = keccak256(abi.encode(['string', 'string'], [repository, entryTag]));
    const key = keccak256(concat([publisher, name]));
    const link = await provider.getStorage(ledger, keccak256(concat([key, ZeroHash])));
    return [publisher, dataSlice(link, 0, 20), kind, 0, repository, entryTag, body];
  };
  const attest = async (kind: number, body: string): Promise<number> =>
    gas(await send(signer, 'attest', [await next(kind, tag, body)]));
  const attestBySignature = async (entryTag: string, body: string): Promise<number> => {
    const entry = await next(1, entryTag, body);
    const domain = { name: 'DaoChain Ledger', version: '1', chainId: 31_337, verifyingContract: ledger };
    const values = [...entry, signer.address, noDeadline];
    const message = Object.fromEntries(
      attestationTypes.Attestation.map(({ name }, position) => [name, values[position]]),
    );
    const signature = await signer.signTypedData(domain, attestationTypes, message);
    return gas(await send(relayer, 'attestBySignature', [entry, signer.address, noDeadline, signature]));
  };

  const batch: unknown[] = [];
  for (let index = 0; index < 50; index++) {
    batch.push(await next(1, `v2.${index.toString().padStart(3, '0')}`, sampleBody(`batch ${index.toString()}`)));
  }
  return {
    attestFirst: await attest(1, sampleBody('first')),
    attestAgain: await attest(1, sampleBody('again')),
    attestBatch50Each: Math.ceil(gas(await send(signer, 'attestBatch', [batch])) / batch.length),
    attestBySignatureFirst: await attestBySignature('v3.0.0', sampleBody('by signature, first')),
    attestBySignatureAgain: await attestBySignature('v3.0.0', sampleBody('by signature, again')),
    revoke: await attest(3, concat([keccak256(sampleBody('again')), '0x01'])),
    createOrganization: gas(creation),
    setSigner: gas(setting),
  };
}

async function measureImageRegistry2016(provider: JsonRpcProvider): Promise<Record<string, number>> {
  const signer = await provider.getSigner(0);
  const { creationCode } = compileContract('contracts/bench/ImageRegistry2016.sol', 'ImageRegistry2016');
  const registry = await deploy(signer, creationCode);
  const functions = new Interface([
    'function registerImage(bytes name, uint256 imageHash, uint256 imageSize, bytes imageId)',
  ]);
  const register = async (content: string): Promise<number> => {
    // 35 bytes of name, and an image id as the engine prints it: 71 characters.
    const name = toUtf8Bytes('registry.example.com/team/app:1.0.0');
    const imageId = toUtf8Bytes(`sha256:${id(content).slice(2)}`);
    const data = functions.encodeFunctionData('registerImage', [name, id(`${content} tar`), 123_456_789, imageId]);
    return gas(await transact(signer, registry, data));
  };
  return { registerImage2016First: await register('first'), registerImage2016Again: await register('again') };
}

async function measureEas(provider: JsonRpcProvider): Promise<Record<string, number>> {
  const signer = await provider.getSigner(0);
  const registry = await deploy(signer, easBytecode('SchemaRegistry'));
  const eas = await deploy(signer, concat([easBytecode('EAS'), abi.encode(['address'], [registry])]));
  const schemas = new Interface([
    'function register(string schema, address resolver, bool revocable) returns (bytes32)',
  ]);
  const schema = 'string repository,string tag,bytes32 digest';
  await transact(signer, registry, schemas.encodeFunctionData('register', [schema, ZeroAddress, true]));
  const uid = keccak256(concat([toUtf8Bytes(schema), ZeroAddress, '0x01']));
  const attestations = new Interface([
    'function attest((bytes32 schema, (address recipient, uint64 expirationTime, bool revocable, bytes32 refUID, bytes data, uint256 value) data) request) payable returns (bytes32)',
  ]);
  const statement = abi.encode(['string', 'string', 'bytes32'], [repository, tag, id('digest')]);
  const request = [uid, [ZeroAddress, 0, true, ZeroHash, statement, 0]];
  return { easAttest: gas(await transact(signer, eas, attestations.encodeFunctionData('attest', [request]))) };
}

function easBytecode(name: string): string {
  const folder = 'node_modules/@ethereum-attestation-service/eas-contracts/artifacts/contracts';
  const text = readFileSync(join(repositoryRoot, folder, `${name}.sol`, `${name}.json`), 'utf8');
  return v.parse(v.object({ bytecode: v.string() }), JSON.parse(text)).bytecode;
}

/** 180 bytes that look like a statement about one platform: nearly all of them digests. */
function sampleBody(seed: string): string {
  const digests = Array.from({ length: 6 }, (_, index) => id(`${seed} ${index.toString()}`));
  return dataSlice(concat(digests), 0, 180);
}

async function deploy(signer: JsonRpcSigner, creationCode: string): Promise<string> {
  const { contractAddress } = await transact(signer, null, creationCode);
  return v.parse(v.string(), contractAddress);
}

async function transact(signer: JsonRpcSigner, to: string | null, data: string): Promise<TransactionReceipt> {
  const receipt = await (await signer.sendTransaction({ to, data })).wait();
  if (receipt?.status !== 1) throw new Error('the transaction failed');
  return receipt;
}

function gas(receipt: TransactionReceipt): number {
  return Number(receipt.gasUsed);
}

async function onAnvil<T>(measure: (provider: JsonRpcProvider) => Promise<T>): Promise<T> {
  const anvil = await startAnvil('london');
  try {
    return await measure(anvil.provider);
  } finally {
    await anvil.stop();
  }
}

async function printGas(): Promise<void> {
  console.table({
    wallet: await measureGas(),
    organization: await measureOrganizationGas(),
    scoped: await measureOrganizationGas(sampleScope),
  });
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) void printGas();
