/* SPDX-License-Identifier: Apache-2.0 */
/** What is done to a payload on its way to the disk and back: compression and encryption. */
package io.millrace.journal.codec;
