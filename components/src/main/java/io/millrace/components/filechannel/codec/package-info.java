/* SPDX-License-Identifier: Apache-2.0 */
/** What a file channel does to batches on their way to the disk: packing and keys. */
package io.millrace.components.filechannel.codec;
