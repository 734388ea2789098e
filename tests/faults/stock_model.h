// What a parts store must hold, worked out a second time as simply as it can be: one part, its bins, its value, who
// holds it and who waits. Shares no code with parts-svc.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace stock {

// Bins are named by their codes: A.. serve reservations, Q.. are quarantine.
inline bool Serves(const std::string& bin) { return bin[0] == 'A'; }

// amount * share / whole, half up; nothing here is negative.
inline int64_t ShareOf(int64_t amount, int64_t share, int64_t whole) {
  return static_cast<int64_t>((static_cast<__int128>(amount) * share * 2 + whole) / (static_cast<__int128>(whole) * 2));
}

class Shelf {
 public:
  struct Want {
    int64_t needed = 0;  // the promised moment
    int64_t wanted = 0, reserved = 0, waiting = 0, issued = 0;
  };
  struct Piece {
    std::string bin;
    int64_t quantity = 0, cost = 0;
  };

  int64_t owned() const { return owned_; }
  int64_t value() const { return value_; }
  const std::map<std::string, int64_t>& bins() const { return bins_; }
  std::map<std::string, Want>& wants() { return wants_; }
  int64_t In(const std::string& bin) const { return bins_.count(bin) ? bins_.at(bin) : 0; }
  int64_t OnHand() const {
    int64_t sum = 0;
    for (const auto& [bin, quantity] : bins_) sum += Serves(bin) ? quantity : 0;
    return sum;
  }
  int64_t Reserved() const { return Sum(&Want::reserved); }
  int64_t Waiting() const { return Sum(&Want::waiting); }
  int64_t Free() const { return OnHand() - Reserved(); }
  // The last of it takes the whole rest.
  int64_t CostOf(int64_t quantity) const { return quantity >= owned_ ? value_ : ShareOf(value_, quantity, owned_); }
  int64_t CostOfFound(int64_t quantity) const { return owned_ == 0 ? 0 : ShareOf(value_, quantity, owned_); }

  void PutIn(const std::string& bin, int64_t quantity, int64_t cost) {
    bins_[bin] += quantity;
    owned_ += quantity;
    value_ += cost;
    Serve();
  }
  void TakeOut(const std::string& bin, int64_t quantity, int64_t cost) {
    bins_[bin] -= quantity;
    owned_ -= quantity;
    value_ -= cost;
  }
  void Move(const std::string& from, const std::string& to, int64_t quantity) {
    bins_[from] -= quantity;
    bins_[to] += quantity;
    Serve();
  }
  // Holds what is free, the rest waits.
  void Hold(const std::string& line, int64_t quantity, int64_t needed) {
    const int64_t held = std::clamp<int64_t>(Free(), 0, quantity);
    wants_[line] = {needed, quantity, held, quantity - held, 0};
  }
  // Out of the bins in the order of their codes, each piece at the average that the piece before it left.
  std::vector<Piece> Issue(const std::string& line, int64_t quantity) {
    std::vector<Piece> pieces;
    int64_t open = quantity;
    for (auto& [bin, there] : bins_) {
      const int64_t taken = Serves(bin) ? std::min(there, open) : 0;
      if (taken == 0) continue;
      pieces.push_back({bin, taken, CostOf(taken)});
      TakeOut(bin, taken, pieces.back().cost);
      open -= taken;
    }
    wants_[line].reserved -= quantity;
    wants_[line].issued += quantity;
    return pieces;
  }
  void BringBack(const std::string& line, const Piece& piece) {
    wants_[line].issued -= piece.quantity;
    PutIn(piece.bin, piece.quantity, piece.cost);
  }
  void GiveUp(const std::string& line) {
    wants_[line].reserved = wants_[line].waiting = 0;
    Serve();
  }

 private:
  int64_t Sum(int64_t Want::*field) const {
    int64_t sum = 0;
    for (const auto& [line, want] : wants_) sum += want.*field;
    return sum;
  }
  // What is free goes to those who wait, the earliest promise first.
  void Serve() {
    while (Free() > 0) {
      Want* first = nullptr;
      for (auto& [line, want] : wants_) {
        if (want.waiting > 0 && (first == nullptr || want.needed < first->needed)) first = &want;
      }
      if (first == nullptr) return;
      const int64_t given = std::min(Free(), first->waiting);
      first->reserved += given;
      first->waiting -= given;
    }
  }

  int64_t owned_ = 0, value_ = 0;
  std::map<std::string, int64_t> bins_;
  std::map<std::string, Want> wants_;
};

}  // namespace stock
