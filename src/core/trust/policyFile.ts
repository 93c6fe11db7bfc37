/**
 * The file in the root of a folder by which a team proposes whom to trust there. Nothing in it counts until it is
 * accepted.
 */
export const policyFileName = 'daochain.policy.json';

/** No policy that a person could read is longer. */
export const mostPolicyBytes = 64 * 1024;
