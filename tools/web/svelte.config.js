// Read by svelte-check alone: Svelte itself takes the types out of its scripts.
export default {};
