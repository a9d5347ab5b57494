/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Brings events into the agent: emits batches into the {@link Output} it was built with.
 *
 * <p>{@link #stop} stops taking in, waits for what is in flight to be answered or refused, and
 * returns; the channels run until every source has stopped.
 *
 * @since 0.1
 */
public interface Source extends Lifecycle {}
