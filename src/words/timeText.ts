import type { Localizer } from './localizer';

/** `2026-11-24` for Unix seconds; the seconds where there is no such date, for the chain's 64 bits hold more. */
export function dateText(seconds: number): string {
  return isoText(seconds)?.replace(/T.*$/, '') ?? String(seconds);
}

/** `2026-11-24 09:30:05 UTC` for Unix seconds: no two look alike. The seconds where there is no such time. */
export function timeText(seconds: number): string {
  return isoText(seconds)?.replace(/^(.*)T(\d+:\d+:\d+).*$/, '$1 $2 UTC') ?? String(seconds);
}

function isoText(seconds: number): string | undefined {
  return Math.abs(seconds) <= 8.64e12 ? new Date(seconds * 1000).toISOString() : undefined;
}

/** How long something took or is past, in the largest unit that there is at least one of: `5 min`. */
export function ageText(seconds: number, l10n: Localizer): string {
  if (seconds < 60) return l10n.t('{0} s', Math.max(0, seconds));
  if (seconds < 3600) return l10n.t('{0} min', Math.floor(seconds / 60));
  if (seconds < 86_400) return l10n.t('{0} h', Math.floor(seconds / 3600));
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? l10n.t('1 day') : l10n.t('{0} days', days);
}
