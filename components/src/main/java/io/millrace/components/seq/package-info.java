/* SPDX-License-Identifier: Apache-2.0 */
/** Numbers, for trying a topology out. */
package io.millrace.components.seq;
