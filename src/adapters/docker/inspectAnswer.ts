import * as v from 'valibot';
import type { JsonObject } from '../../core/image/canonicalJson';
import { isDigest, type Digest } from '../../core/image/digest';
import { identityFromInspect } from '../../core/image/fingerprint';
import type { ImageIdentity } from '../../core/image/identity';
import { asDigest } from '../../core/image/jsonReader';
import { malformed } from '../../core/image/malformed';
import { isIndexType } from '../../core/image/manifest';
import type { ImageStore, InspectedImage, LocalImage } from '../../core/ports';

// Answers of the Docker Engine API that we read, from API 1.41 (engine 20.10) to 1.56. Lists may be null.

const digestSchema = v.custom<Digest>((value) => typeof value === 'string' && isDigest(value));
const stringsSchema = v.nullish(v.array(v.string()), []);
/** Kept as it came: valibot's records drop keys such as `constructor`, and labels may have any name. */
const objectSchema = v.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);
const descriptorSchema = v.object({
  mediaType: v.string(),
  digest: digestSchema,
  platform: v.optional(v.object({ os: v.string(), architecture: v.string() })),
});

/** `GET /info` */
export const infoSchema = v.object({
  DriverStatus: v.nullish(v.array(v.array(v.string())), []),
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
export const listSchema = v.nullable(
  v.array(
    v.object({
      Id: digestSchema,
      RepoTags: stringsSchema,
      RepoDigests: stringsSchema,
      Created: v.number(),
      Size: v.number(),
    }),
  ),
);

/** `GET /images/{name}/json?manifests=1` */
export const inspectSchema = v.object({
  Id: digestSchema,
  RepoDigests: stringsSchema,
  Config: v.nullish(objectSchema),
  Os: v.string(),
  Architecture: v.string(),
  Variant: v.optional(v.string()),
  OsVersion: v.optional(v.string()),
  RootFS: v.object({ Layers: stringsSchema }),
  /** Of the image ID; only from an engine with the containerd store. */
  Descriptor: v.optional(descriptorSchema),
  /** Since API 1.48, containerd store: what an index holds, in its order. */
  Manifests: v.optional(
    v.array(
      v.object({
        Kind: v.string(),
        Descriptor: descriptorSchema,
        /** Bytes of it that are here. */
        Size: v.object({ Content: v.number() }),
        ImageData: v.optional(v.object({ Platform: v.object({ os: v.string(), architecture: v.string() }) })),
      }),
    ),
    [],
  ),
  /** Since API 1.53, containerd store: where the content came from; absent when it came from nowhere. */
  Identity: v.optional(v.object({ Pull: v.optional(v.array(v.unknown()), []) })),
});
export type InspectAnswer = v.InferOutput<typeof inspectSchema>;

export function storeOf({ DriverStatus }: v.InferOutput<typeof infoSchema>): ImageStore {
  const driverType = DriverStatus.find(([name]) => name === 'driver-type')?.[1];
  return driverType === 'io.containerd.snapshotter.v1' ? 'containerd' : 'classic';
}

export function localImages(answer: v.InferOutput<typeof listSchema>): readonly LocalImage[] {
  return (answer ?? []).map((image) => ({
    id: image.Id,
    // The containerd store lists what was pulled by digest as a tag too.
    tags: named(image.RepoTags).filter((name) => !name.includes('@')),
    repoDigests: named(image.RepoDigests),
    created: image.Created,
    size: image.Size,
  }));
}

function named(names: readonly string[]): readonly string[] {
  return names.filter((name) => !name.includes('<none>'));
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
