import * as v from 'valibot';

/** Notification of the server: what is known about a document's base images. It follows each change. */
export const fileStatusMethod = 'daochain/fileStatus';

/** "3 of 4 base images verified". */
export interface FileStatus {
  readonly uri: string;
  readonly total: number;
  readonly verified: number;
  /** Red ones: tampered, revoked, mismatch. */
  readonly alarms: number;
  /** Some answers have not come yet. */
  readonly waiting: boolean;
  /** Parts that are not read, and may name more. */
  readonly unread: number;
  /** Why the file is not what it was taken for; absent where it is. */
  readonly refusal?: string;
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const fileStatusSchema: v.GenericSchema<unknown, FileStatus> = v.object({
  uri: v.string(),
  total: count,
  verified: count,
  alarms: count,
  waiting: v.boolean(),
  unread: count,
  refusal: v.exactOptional(v.string()),
});
