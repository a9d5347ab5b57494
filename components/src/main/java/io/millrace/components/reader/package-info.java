/* SPDX-License-Identifier: Apache-2.0 */
/** What sources that read files have in common: the life of their thread, and what they say. */
package io.millrace.components.reader;
