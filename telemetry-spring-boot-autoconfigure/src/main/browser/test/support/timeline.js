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
      }

      observe(options) {
        this.options = options;
        this.types.push(options.type);
        observers.add(this);
      }

      takeRecords() {
        return [];
      }

      disconnect() {
        observers.delete(this);
      }
    },
    add: (type, ...entries) => {
      for (const observer of observers) if (observer.types.includes(type)) observer.callback({ getEntries: () => entries });
    },
  };
};
