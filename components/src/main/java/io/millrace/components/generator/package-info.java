/* SPDX-License-Identifier: Apache-2.0 */
/** Events made from nothing, for trying a topology out. */
package io.millrace.components.generator;
