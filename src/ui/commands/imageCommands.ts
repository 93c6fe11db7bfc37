import { env, l10n } from 'vscode';
import { DaoChainError } from '../../core/errors';
import type { JudgedImage } from '../../core/judging/imageAnswer';
import type { VerificationService } from '../../services/judging/verificationService';
import { show, tell } from '../notify';
import type { OwnWallet } from '../account/ownWallet';
import { withCancellableProgress } from '../prompts/progress';
import type { SigningFlow } from '../signing/signingFlow';
import { imageLabel } from '../trees/imageRow';
import { repositoryOf, type TrustPrompts } from '../trust/trustPrompts';
import { verdictNotice } from '../verdictNotice';
import type { WhyDocuments } from '../why/whyDocuments';
import { placedQuery } from '../why/whyQuery';
import { chooseImage, chooseImages, imagesOf, engineName } from '../imageTargets';
import type { NamespaceOffer } from './namespaceOffer';
import type { ContainerEngine } from '../../core/ports/engine';

interface ImageParts {
  readonly engine: ContainerEngine;
  readonly verification: VerificationService;
  readonly signingFlow: SigningFlow;
  readonly trust: TrustPrompts;
  readonly whys: WhyDocuments;
  readonly namespace: NamespaceOffer;
}

/** The commands on images: of a row in our tree or in that of Container Tools, or of what the user picks. */
export class ImageCommands {
  constructor(private readonly parts: ImageParts) {}

  async sign(wallet: OwnWallet, ...args: readonly unknown[]): Promise<void> {
    const options = { title: l10n.t('Sign Image'), named: true };
    const names = await chooseImages(args, this.parts.verification, options);
    await this.parts.signingFlow.sign(await this.parts.namespace.namesFor(names), wallet);
  }

  async verify(...args: readonly unknown[]): Promise<void> {
    const { verification } = this.parts;
    const names = await chooseImages(args, verification, { title: l10n.t('Verify Image'), named: false });
    const judged = await withCancellableProgress(l10n.t('Verifying'), async (signal, report) => {
      const results: JudgedImage[] = [];
      for (const name of names) {
        report.report({ message: name, increment: results.length === 0 ? 0 : 100 / names.length });
        results.push(await verification.verify(name, signal));
      }
      return results;
    });
    const [first, ...more] = judged.map((each) => ({ ...each, label: imageLabel(each), name: engineName(each) }));
    if (first !== undefined) void show(verdictNotice([first, ...more], l10n));
  }

  /** Explains the verdict on a base image of a file, on a reference, or on what the engine has in a row or by a pick. */
  async explainVerdict(...args: readonly unknown[]): Promise<void> {
    const { verification, whys } = this.parts;
    const [reference, source] = args;
    const ofFile = placedQuery(args);
    const text = ofFile?.text ?? (await chooseImage(args, verification, { title: l10n.t('Why?'), named: false }));
    const isEngines = typeof reference !== 'string' || source === 'engine';
    await whys.open(ofFile ?? { text, ...(isEngines && { sources: 'engine' }) });
  }

  /** Copies the digest of the image's config, which is the same on every engine; an image's ID is not. */
  async copyDigest(...args: readonly unknown[]): Promise<void> {
    const { engine, verification } = this.parts;
    const name = await chooseImage(args, verification, { title: l10n.t('Copy Digest'), named: false });
    const { configDigest } = await withCancellableProgress(l10n.t('Reading the image'), (signal) =>
      engine.readIdentity(name, signal),
    );
    if (configDigest === undefined) throw new DaoChainError('engineFailed', 'The image was read without its digest');
    await env.clipboard.writeText(configDigest);
    tell(l10n.t('Digest of the config copied'));
  }

  /** Trusts a publisher for the repository of a row, or for one that the user types. */
  async trustPublisher(...args: readonly unknown[]): Promise<void> {
    await this.parts.trust.trustPublisher(repositoryOf(imagesOf(args)[0]));
  }
}
