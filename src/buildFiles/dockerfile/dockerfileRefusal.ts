import type { TextDocument } from 'vscode-languageserver-textdocument';
import { detectSyntax } from './directives';
import { onBuildTrigger, parseInstructions } from './instructions';
import type { FileRefusal } from '../refusal';

/** The instructions that BuildKit knows (`frontend/dockerfile/command`). */
const known: ReadonlySet<string> = new Set([
  ...['ADD', 'ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'HEALTHCHECK', 'LABEL', 'MAINTAINER'],
  ...['ONBUILD', 'RUN', 'SHELL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'],
]);

/** Docker's own reader of Dockerfiles, from wherever it comes. */
const dockerfileFrontend = /(?:^|\/)docker\/dockerfile(?:-upstream)?(?:[:@]|$)/;

/** Why BuildKit would not build a Dockerfile, as far as its instructions can tell that. */
export function dockerfileRefusal(document: TextDocument): FileRefusal | undefined {
  const text = document.getText();
  const { instructions } = parseInstructions(text);
  const unknown = instructions.find(
    ({ keyword, text: rest }) => !known.has(keyword) || (keyword === 'ONBUILD' && !isTrigger(rest)),
  );
  const hasFrom = instructions.some(({ keyword }) => keyword === 'FROM');
  if (unknown === undefined && hasFrom) return undefined;
  const syntax = detectSyntax(text)?.reference;
  // Another frontend reads the file, and it may know other instructions.
  if (syntax !== undefined && syntax !== '' && !dockerfileFrontend.test(syntax))
    return { kind: 'otherFrontend', detail: syntax };
  if (unknown !== undefined) {
    const { keyword, start } = unknown;
    return { kind: 'unknownInstruction', detail: keyword, line: document.positionAt(start).line };
  }
  return { kind: instructions.length === 0 ? 'empty' : 'noFrom' };
}

function isTrigger(text: string): boolean {
  const trigger = onBuildTrigger(text);
  return trigger !== undefined && known.has(trigger.keyword);
}
