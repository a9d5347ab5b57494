/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * What a source is built with.
 *
 * @since 0.1
 */
public interface SourceContext extends ComponentContext {
  Output output();
}
