/* SPDX-License-Identifier: Apache-2.0 */
/** Counters and gauges of a running agent, under the names that Flume operators know. */
package io.millrace.engine.metrics;
