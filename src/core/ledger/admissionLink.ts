import { isNodeKey } from './hub';
import { readLink, refuseLink } from './linkText';
import type { LedgerKey } from './types';

/** What a machine that has joined a network sends to the owner of a hub. It holds no secret, and grants nothing by itself. */
export interface Admission {
  readonly ledger: LedgerKey;
  readonly nodeKey: string;
  /** What the machine calls itself, in a stranger's words; 1 to 64 printable characters. */
  readonly machine: string;
}

/** Characters of a whole link, every one of the machine's name escaped. */
const longestLink = 2_048;
const ledgerForm = /^(?:0|[1-9][0-9]{0,77}):0x[0-9a-f]{64}:0x[0-9a-f]{40}$/;
const machineForm = /^[^\p{C}]{1,64}$/u;

/** A machine without a usable name is called `machine`. */
export function admissionLink({ ledger, nodeKey, machine }: Admission): string {
  const name = machineForm.test(machine) ? machine : 'machine';
  return `vscode://daochain.daochain/admit?ledger=${ledger}&node=${nodeKey}&machine=${encodeURIComponent(name)}`;
}

/** `linkInvalid` with a `NetworkLinkFault`. */
export function parseAdmissionLink(text: string): Admission {
  const { ledger, node, machine } = readLink(text, {
    path: 'admit',
    longest: longestLink,
    members: ['ledger', 'node', 'machine'],
    notOurs: 'notAdmission',
  });
  if (!ledgerForm.test(ledger)) refuseLink('ledger', ledger);
  if (!isNodeKey(node)) refuseLink('node', node);
  if (!machineForm.test(machine)) refuseLink('machine', machine);
  return { ledger, nodeKey: node, machine };
}
