/**
 * The browser's timeline as observers see it; entries are given out when a test says so.
 */
export const createTimeline = (types) => {
  const observers = new Set();
  return {
    observers,
    PerformanceObserver: class {
      static supportedEntryTypes = types;

      constructor(callback) {
        this.callback = callback;
        this.types = [];
        this.held = [];
      }

      observe(options) {
        this.options = options;
        this.types.push(options.type);
        observers.add(this);
      }

      takeRecords() {
        return this.held.splice(0);
      }

      disconnect() {
        observers.delete(this);
      }
    },
    /** What waits until an observer asks for it. */
    hold: (type, ...entries) => {
      for (const observer of observers) if (observer.types.includes(type)) observer.held.push(...entries);
    },
    add: (type, ...entries) => {
      for (const observer of observers) if (observer.types.includes(type)) observer.callback({ getEntries: () => entries });
    },
  };
};
