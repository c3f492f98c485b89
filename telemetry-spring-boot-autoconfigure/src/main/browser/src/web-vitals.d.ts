// What is used of it. Its own declarations say of `interactionId` other than TypeScript's do, and don't compile beside them.
interface Metric {
  name: string;
  value: number;
  rating: string;
  navigationType: string;
  id: string;
  entries: any[];
}

type On = (report: (metric: Metric) => void, options: { reportAllChanges: boolean }) => void;

export const onCLS: On;
export const onFCP: On;
export const onINP: On;
export const onLCP: On;
export const onTTFB: On;
