/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import io.millrace.api.InterceptorOptions;

/** An interceptor and its options. Immutable. */
public record InterceptorDefinition(String name, String type, InterceptorOptions options) {}
