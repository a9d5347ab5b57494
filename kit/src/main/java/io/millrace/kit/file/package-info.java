/* SPDX-License-Identifier: Apache-2.0 */
/** Small files that are written as a whole. */
package io.millrace.kit.file;
