import * as v from 'valibot';
import type { JsonObject } from '../../core/json/canonicalJson';
import { isDigest, type Digest } from '../../core/image/digest';
import { identityFromInspect } from '../../core/image/fingerprint';
import type { ImageIdentity } from '../../core/image/identity';
import { asDigest } from '../../core/image/jsonReader';
import { malformed } from '../../core/image/malformed';
import { isIndexType } from '../../core/image/manifest';
import type { ImageStore, InspectedImage, LocalImage } from '../../core/ports/engine';

// Answers of the Docker Engine API that we read, from API 1.41 (engine 20.10) to 1.56, also as others who speak it give
// them. Lists and members may be null.

const digestSchema = v.custom<Digest>((value) => typeof value === 'string' && isDigest(value));
const idSchema = v.pipe(v.string(), v.transform(spelledId), digestSchema);
const stringsSchema = v.nullish(v.array(v.string()), []);
/** Kept as it came: valibot's records drop keys such as `constructor`, and labels may have any name. */
const objectSchema = v.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);
const descriptorSchema = v.object({
  mediaType: v.string(),
  digest: digestSchema,
  platform: maybe(v.object({ os: v.string(), architecture: v.string() })),
});

/** `GET /info` */
export const infoSchema = v.object({
  DriverStatus: v.nullish(v.fallback(v.array(v.fallback(v.array(v.unknown()), [])), []), []),
  OSType: v.string(),
  /** As the kernel has it: `x86_64`. */
  Architecture: v.string(),
});

/** `GET /version` */
export const versionSchema = v.object({
  Os: v.nullish(v.string(), ''),
  /** As Go has it, of the engine's own program: `386`. */
  Arch: v.nullish(v.string(), ''),
});
export type VersionAnswer = v.InferOutput<typeof versionSchema>;

/** `GET /images/json` */
const numberSchema = v.optional(v.fallback(v.number(), 0), 0);
const namesSchema = v.nullish(v.fallback(v.array(v.unknown()), []), []);
const imageSchema = v.object({
  Id: idSchema,
  RepoTags: namesSchema,
  RepoDigests: namesSchema,
  Created: numberSchema,
  Size: numberSchema,
});
/** A row without an ID does not make the other rows invalid. */
export const listSchema = v.nullable(v.array(v.fallback(v.nullable(imageSchema), null)), []);

/** `GET /images/{name}/json?manifests=1` */
export const inspectSchema = v.object({
  Id: idSchema,
  RepoDigests: stringsSchema,
  Config: v.nullish(objectSchema),
  Os: v.string(),
  Architecture: v.string(),
  Variant: maybe(v.string()),
  OsVersion: maybe(v.string()),
  RootFS: v.object({ Layers: stringsSchema }),
  /** Of the image ID; only from an engine with the containerd store. */
  Descriptor: maybe(descriptorSchema),
  /** Since API 1.48, containerd store: what an index holds, in its order. */
  Manifests: v.nullish(
    v.array(
      v.object({
        Kind: v.string(),
        Descriptor: descriptorSchema,
        /** Bytes of it that are here. */
        Size: v.object({ Content: v.number() }),
        ImageData: maybe(v.object({ Platform: v.object({ os: v.string(), architecture: v.string() }) })),
      }),
    ),
    [],
  ),
  /** Since API 1.53, containerd store: where the content came from; absent when it came from nowhere. */
  Identity: maybe(v.object({ Pull: v.nullish(v.array(v.unknown()), []) })),
});
export type InspectAnswer = v.InferOutput<typeof inspectSchema>;

export function storeOf({ DriverStatus }: v.InferOutput<typeof infoSchema>): ImageStore {
  const driverType = DriverStatus.find(([name]) => name === 'driver-type')?.[1];
  return driverType === 'io.containerd.snapshotter.v1' ? 'containerd' : 'classic';
}

/** Absent and null are the same. */
function maybe<TSchema extends v.GenericSchema>(schema: TSchema) {
  return v.pipe(
    v.nullish(schema),
    v.transform((value) => value ?? undefined),
  );
}

/** As Docker's engine spells an ID, which others leave without its `sha256:`. */
export function spelledId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id;
}

export function localImages(answer: v.InferOutput<typeof listSchema>): readonly LocalImage[] {
  const images = answer.filter((image) => image !== null);
  return images.map((image) => ({
    id: image.Id,
    // The containerd store lists what was pulled by digest as a tag too.
    tags: named(image.RepoTags).filter((name) => !name.includes('@')),
    repoDigests: named(image.RepoDigests),
    created: image.Created,
    size: image.Size,
  }));
}

function named(names: readonly unknown[]): readonly string[] {
  return names.filter((name): name is string => typeof name === 'string' && !name.includes('<none>'));
}

/** What the engine prints, as an identity. Throws `imageMalformed`. */
export function inspectedImage(answer: InspectAnswer, apiVersion: string): InspectedImage {
  refuseHiddenImage(answer);
  return {
    id: answer.Id,
    identity: inspectedIdentity(answer),
    origin: originOf(answer, apiVersion),
    repoDigests: named(answer.RepoDigests),
  };
}

function inspectedIdentity(answer: InspectAnswer): ImageIdentity {
  const { Id: id, Descriptor: descriptor } = answer;
  return identityFromInspect(
    {
      os: answer.Os,
      architecture: answer.Architecture,
      variant: answer.Variant,
      osVersion: answer.OsVersion,
      config: answer.Config ?? undefined,
      diffIds: answer.RootFS.Layers.map((layer) => asDigest(layer, 'RootFS.Layers')),
    },
    descriptor === undefined
      ? { configDigest: id }
      : isIndexType(descriptor.mediaType)
        ? { indexDigest: id }
        : { manifestDigest: id },
  );
}

/**
 * Of an index, `inspect` describes the best child that is an image, but `docker run` also takes a child that is marked
 * as an attestation, by its platform or, where no child is the machine's, because it comes first. So a child that is
 * here and not an image must say it is for no platform, and must come after the image described.
 */
function refuseHiddenImage({ Manifests: manifests, Os: os, Architecture: architecture }: InspectAnswer): void {
  const described = manifests.findIndex(({ Kind, ImageData }) => {
    const platform = ImageData?.Platform;
    return Kind === 'image' && platform?.os === os && platform.architecture === architecture;
  });
  for (const [place, { Kind, Descriptor, Size }] of manifests.entries()) {
    if (Kind === 'image' || Size.Content === 0) continue;
    const { platform } = Descriptor;
    const forNone = platform?.os === 'unknown' && platform.architecture === 'unknown';
    if (!forNone || described === -1 || place < described)
      throw malformed('platform', 'The image holds another one that would run instead');
  }
}

/**
 * The classic store writes a digest for what was pulled or pushed, and for nothing else. The containerd store writes
 * one for every tag; there the engine says since API 1.53 which repositories the content came from or went to.
 */
function originOf({ Descriptor, RepoDigests, Identity }: InspectAnswer, apiVersion: string): InspectedImage['origin'] {
  if (Descriptor === undefined) return RepoDigests.length === 0 ? 'local' : 'registry';
  if (Identity !== undefined && Identity.Pull.length > 0) return 'registry';
  return isAtLeast(apiVersion, 1, 53) ? 'local' : 'unknown';
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [, ownMajor, ownMinor] = /^(\d+)\.(\d+)$/.exec(version) ?? [];
  return Number(ownMajor) > major || (Number(ownMajor) === major && Number(ownMinor) >= minor);
}
