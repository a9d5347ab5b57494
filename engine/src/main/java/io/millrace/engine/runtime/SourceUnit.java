/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.engine.metrics.ComponentMetrics;

/** A source of the running agent and its way into the channels. Immutable. */
record SourceUnit(String name, SourceOutput output, ComponentMetrics metrics, Supervised life) {}
