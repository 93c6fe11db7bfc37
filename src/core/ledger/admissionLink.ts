import { concatBytes } from '@noble/hashes/utils';
import { fromHex, toHex } from '../hex';
import { isNodeKey } from './hub';
import { isPrintableName } from './network';
import { networkLink, readNetworkLink, refuseLink, textBytes } from './networkLink';
import type { LedgerKey } from './types';

/** What a machine that has joined a network sends to the owner of a hub. It holds no secret, and grants nothing by itself. */
export interface Admission {
  readonly ledger: LedgerKey;
  readonly nodeKey: string;
  /** What the machine calls itself, in a stranger's words; 1 to 64 printable characters. */
  readonly machine: string;
}

/** Characters of a whole link, with the longest ledger ID and a name of 64 characters beyond the first plane. */
const longestLink = 1_024;
const ledgerForm = /^(?:0|[1-9][0-9]{0,77}):0x[0-9a-f]{64}:0x[0-9a-f]{40}$/;

/**
 * `vscode://daochain.daochain/admit?…`, of: node key (64 bytes), ledger ID, name of the machine. A machine without a usable
 * name is called `machine`.
 */
export function admissionLink({ ledger, nodeKey, machine }: Admission): string {
  const name = isPrintableName(machine) ? machine : 'machine';
  return networkLink('admit', concatBytes(fromHex(`0x${nodeKey}`), textBytes(ledger), textBytes(name)));
}

/** `linkInvalid` with a `NetworkLinkFault`. */
export function parseAdmissionLink(text: string): Admission {
  const read = readNetworkLink(text, 'admit', longestLink);
  const nodeKey = toHex(read.bytes(64)).slice(2);
  const ledger = read.text();
  const machine = read.text();
  read.end();
  if (!ledgerForm.test(ledger)) refuseLink('ledger', ledger);
  if (!isNodeKey(nodeKey)) refuseLink('node', nodeKey);
  if (!isPrintableName(machine)) refuseLink('machine', machine);
  return { ledger, nodeKey, machine };
}
