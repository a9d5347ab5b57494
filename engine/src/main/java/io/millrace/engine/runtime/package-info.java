/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A running agent: wires components as the model says, owns their start and stop, the transactions
 * between channel and sink, retry and back-off.
 */
package io.millrace.engine.runtime;
