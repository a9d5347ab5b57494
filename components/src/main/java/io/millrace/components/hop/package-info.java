/* SPDX-License-Identifier: Apache-2.0 */
/** What sources and sinks share that join one tier to the next, whatever protocol they speak. */
package io.millrace.components.hop;
