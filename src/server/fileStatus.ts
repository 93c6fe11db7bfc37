import type { AnswerOf } from '../buildFiles/answer';
import { queryOf, type BaseImage } from '../buildFiles/baseImages';
import { isAlarm } from '../core/trust/verdict';
import type { FileStatus } from '../protocol/fileStatus';

/** How many of these are what somebody whom the reader accepts has published. What is not resolved counts as well. */
export function fileStatusOf(images: readonly BaseImage[], answerOf: AnswerOf): Omit<FileStatus, 'uri'> {
  const answers = images.flatMap((image) => (image.type === 'image' ? answerOf(queryOf(image)) : []));
  const verdicts = answers.flatMap((answer) => (answer.state === 'judged' ? answer.image.verdict : []));
  return {
    total: images.length,
    verified: verdicts.filter(({ kind }) => kind === 'verified').length,
    alarms: verdicts.filter(isAlarm).length,
    waiting: answers.some(({ state }) => state === 'waiting'),
  };
}
