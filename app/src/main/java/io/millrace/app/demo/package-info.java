/**
 * {@code millrace demo}: two edge agents and a collector, each a process of its own, and the proof
 * that what was read is in the store.
 */
package io.millrace.app.demo;
