/* Stand-in for AMD's header: registers of the simulated board. */
#ifndef XIL_IO_H
#define XIL_IO_H
#include "xil_types.h"
#include "xparameters.h"
void board_write(uint32_t offset, uint32_t value);
uint32_t board_read(uint32_t offset);
static inline void Xil_Out32(UINTPTR address, u32 value) { board_write((uint32_t)(address - XPAR_ENGINE_S_AXI_CONTROL_BASEADDR), value); }
static inline u32 Xil_In32(UINTPTR address) { return board_read((uint32_t)(address - XPAR_ENGINE_S_AXI_CONTROL_BASEADDR)); }
#endif
