Telemetry.log('info', `${location.search.slice(1)} logged`);
window.madeAt = Date.now();
throw new Error(`${location.search.slice(1)} thrown`);
