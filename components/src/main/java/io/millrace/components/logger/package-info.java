/* SPDX-License-Identifier: Apache-2.0 */
/** The sink that writes events to the log. */
package io.millrace.components.logger;
