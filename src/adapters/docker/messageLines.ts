import { StringDecoder } from 'node:string_decoder';
import { failed } from './connection';

const longestLine = 1024 * 1024;

/** The JSON values of a stream of lines, as `/events` and `/build` send them. `engineFailed` for anything else. */
export async function* messageLines(body: AsyncIterable<Buffer>): AsyncGenerator<unknown, void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw failed('answerTooLarge', 'A message without end');
    for (const line of lines) if (line.trim() !== '') yield parse(line);
  }
  if (rest.trim() !== '') yield parse(rest);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw failed('answerUnexpected', 'A message that is not JSON', { cause: error });
  }
}
