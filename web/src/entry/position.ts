/** A position by GPS: the best of thirty seconds, sooner where it is exact to fifteen metres. */

export interface Fix {
  lon: number;
  lat: number;
  /** null: the phone does not say. */
  accuracyM: number | null;
  at: number;
}

export const GOOD_M = 15;
export const LONGEST_MS = 30_000;

/** The one of the two to keep: one whose accuracy is known before one whose is not, then the more exact, then the newer. */
export function better(best: Fix | null, next: Fix): Fix {
  if (best === null || best.accuracyM === null) return next;
  return next.accuracyM !== null && next.accuracyM <= best.accuracyM ? next : best;
}

export const isGood = (fix: Fix | null): boolean => fix !== null && fix.accuracyM !== null && fix.accuracyM <= GOOD_M;

/** An accuracy of 0 is how some phones say that they do not know it. */
export function fixOf({ coords, timestamp }: Pick<GeolocationPosition, "coords" | "timestamp">): Fix {
  const known = Number.isFinite(coords.accuracy) && coords.accuracy > 0;
  return { lon: round(coords.longitude), lat: round(coords.latitude), accuracyM: known ? Math.round(coords.accuracy * 10) / 10 : null, at: timestamp };
}

const round = (degrees: number): number => Math.round(degrees * 1e7) / 1e7;

export interface Search {
  /** Ends it with the best so far. */
  finish: () => void;
  cancel: () => void;
}

export interface Watching {
  /** `passed`: how much of the time is over, 0 to 1. */
  progress: (best: Fix | null, passed: number) => void;
  done: (best: Fix | null) => void;
  /** The browser may not say where it is. */
  denied: () => void;
}

export function search(watching: Watching, geolocation: Geolocation = navigator.geolocation): Search {
  const began = Date.now();
  let best: Fix | null = null;
  const end = (): void => {
    geolocation.clearWatch(watch);
    clearInterval(timer);
  };
  const finish = (): void => {
    end();
    watching.done(best);
  };
  const look = (): void => {
    const passed = Math.min(1, (Date.now() - began) / LONGEST_MS);
    watching.progress(best, passed);
    if (passed === 1) finish();
  };
  const timer = setInterval(look, 500);
  const watch = geolocation.watchPosition(
    (position) => {
      best = better(best, fixOf(position));
      watching.progress(best, Math.min(1, (Date.now() - began) / LONGEST_MS));
      if (isGood(best)) finish();
    },
    (error) => {
      // Only a refusal ends it: that no satellite is seen, or that one try took too long, passes.
      if (error.code !== 1) return;
      end();
      watching.denied();
    },
    { enableHighAccuracy: true, maximumAge: 0, timeout: LONGEST_MS },
  );
  return { finish, cancel: end };
}
