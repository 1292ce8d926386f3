// One output of the int8 array: four products of 8 by 16 bits and their sum into an accumulator.
module int8(input clk, input first, input signed [31:0] weights, input signed [63:0] values, output reg signed [31:0] acc);
  reg signed [23:0] p0, p1, p2, p3;
  always @(posedge clk) begin
    p0 <= $signed(weights[7:0]) * $signed(values[15:0]);
    p1 <= $signed(weights[15:8]) * $signed(values[31:16]);
    p2 <= $signed(weights[23:16]) * $signed(values[47:32]);
    p3 <= $signed(weights[31:24]) * $signed(values[63:48]);
    acc <= (first ? 0 : acc) + p0 + p1 + p2 + p3;
  end
endmodule
