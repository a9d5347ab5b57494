/* SPDX-License-Identifier: Apache-2.0 */
/** The sink that drops events. */
package io.millrace.components.discard;
