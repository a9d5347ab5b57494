/* SPDX-License-Identifier: Apache-2.0 */
/** What cuts files into events. */
package io.millrace.components.deserializer;
