/* SPDX-License-Identifier: Apache-2.0 */
/** The memory channel. */
package io.millrace.components.memory;
