import type { AnswerOf } from '../buildFiles/answer';
import { queryOf } from '../buildFiles/dockerfile/baseImages';
import type { BuildFileReading } from '../buildFiles/compose/compose';
import { refusalText } from '../buildFiles/unreadText';
import { isAlarm } from '../core/judging/verdict';
import type { FileStatus } from '../protocol/fileStatus';

/** How many of these are what somebody whom the reader accepts has published. What is not resolved counts as well. */
export function fileStatusOf({ images, refusal }: BuildFileReading, answerOf: AnswerOf): Omit<FileStatus, 'uri'> {
  const answers = images.flatMap((image) => (image.type === 'image' ? answerOf(queryOf(image)) : []));
  const verdicts = answers.flatMap((answer) => (answer.state === 'judged' ? answer.image.verdict : []));
  const unread = images.filter(({ type }) => type === 'unread').length;
  return {
    total: images.length - unread,
    verified: verdicts.filter(({ kind }) => kind === 'verified').length,
    alarms: verdicts.filter(isAlarm).length,
    waiting: answers.some(({ state }) => state === 'waiting'),
    unread,
    ...(refusal && { refusal: refusalText(refusal) }),
  };
}
