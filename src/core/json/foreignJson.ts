/**
 * What others say in JSON, read as their programs read it: undefined, which no schema takes, for what is not JSON. What DaoChain
 * or a person relies on byte for byte is read by `strictJson.ts` instead.
 */
export function parseForeignJson(text: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text : new TextDecoder('utf-8', { ignoreBOM: true }).decode(text));
  } catch {
    return undefined;
  }
}
